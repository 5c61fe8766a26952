using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Organisations;
using Sentinel.Siem.Findings;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>What the audit log says, and what a seal vouches for.</summary>
public class AuditTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_row_of_a_case_names_actor_credential_and_policy()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();
        var byHand = Office.Done(
            await office.OpenCaseByHand.RunAsync(
                office.Analyst.Token,
                new("incident", 5, "Somebody called", [], null, new([], []), null),
                Cancellation
            )
        );

        var lacking = await office.Database.AskAsSuperuserAsync<long>(
            $"""
            SELECT count(*) FROM psa.audit_log WHERE subject_id = '{caseId}'
              AND (credential_id IS NULL OR actor_kind = 'system'
                OR policy_version IS NULL OR policy_version !~ '^credential_attack@1 sha256:[0-9a-f]+$')
            """
        );
        var opened = await office.Database.AskAsSuperuserAsync<long>(
            $"SELECT count(*) FROM psa.audit_log WHERE subject_id = '{byHand.Id}' AND policy_version IS NULL"
        );

        Assert.Equal(0, lacking);
        Assert.True(opened > 0);
    }

    [Fact]
    public async Task A_refused_read_is_in_the_log_like_a_refused_change()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var stranger = await office.HireAsync("sam");

        Office.Refused(await office.ShowCase.RunAsync(stranger.Token, caseId, Cancellation));
        Office.Refused(await office.VerifyCase.RunAsync(stranger.Token, caseId, Cancellation));
        await new ListFindings(office.Database.Sentinel).RunAsync(
            stranger.Token,
            null,
            10,
            Cancellation
        );

        Assert.Equal(
            "case.read.refused,case.verify.refused",
            await office.Database.AskAsSuperuserAsync<string>(
                $"""
                SELECT string_agg(action, ',' ORDER BY position) FROM psa.audit_log
                WHERE actor_id = '{stranger.Id}' AND subject_id = '{caseId}'
                """
            )
        );
        Assert.Equal(
            "finding.read.refused",
            await office.Database.AskAsSuperuserAsync<string>(
                $"SELECT action FROM siem.audit_log WHERE actor_id = '{stranger.Id}'"
            )
        );
    }

    [Fact]
    public async Task A_credential_that_was_revoked_is_noted_when_it_is_tried_and_a_guess_is_not()
    {
        await using var office = await Office.OpenAsync();
        var sam = await office.HireAsync("sam");
        var credential = await office.Database.AskAsSuperuserAsync<Guid>(
            $"SELECT id FROM psa.credentials WHERE user_id = '{sam.Id}'"
        );
        Office.Done(
            await new RevokeCredential(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Administrator,
                credential,
                "left",
                Cancellation
            )
        );
        foreach (var secret in (Secret[])[sam.Token, new Secret("guessed")])
            await Assert.ThrowsAsync<CredentialRefusedException>(() =>
                office.ShowCase.RunAsync(secret, office.OrganisationId, Cancellation)
            );

        Assert.Equal(
            $"{credential} {office.OrganisationId}",
            await office.Database.AskAsSuperuserAsync<string>(
                """
                SELECT string_agg(entity_id || ' ' || organisation_id, ',') FROM psa.audit_log
                WHERE action = 'credential.present.refused'
                """
            )
        );
    }

    [Fact]
    public async Task A_seal_holds_the_attestations_as_envelopes_that_others_can_open()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();
        var seal = (await office.StoryAsync(caseId)).Seal!;
        using var key = LedgerKey.Open(office.Database.Data);

        using var envelopes = JsonDocument.Parse(seal.Attestations!);
        var envelope = Assert.Single(envelopes.RootElement.EnumerateArray());
        var statement = Dsse.Open(key.VerifierKeyFor("case"), envelope);

        Assert.Contains("attestations-sha256 ", seal.Note);
        Assert.Contains("workflows-sha256 ", seal.Note);
        Assert.Contains(Convert.ToHexStringLower(seal.Root), statement);
        Assert.Contains("Read it all", statement);
        Assert.Null(Dsse.Open(key.VerifierKeyFor("case"), Forged(envelope)));
    }

    [Fact]
    public async Task An_attestation_changed_after_closing_is_found()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();
        await office.Database.RunAsSuperuserAsync(
            """
            ALTER TABLE psa.attestations DISABLE TRIGGER ALL;
            UPDATE psa.attestations SET statement = 'Never looked'
            """
        );

        var verified = Office.Done(
            await office.VerifyCase.RunAsync(office.Manager.Token, caseId, Cancellation)
        );

        Assert.Equal(
            "the attestations differ from the sealed ones",
            Assert.Single(verified.Problems)
        );
    }

    static JsonElement Forged(JsonElement envelope)
    {
        var payload = envelope.GetProperty("payload").GetBytesFromBase64();
        payload[^3] ^= 1;
        var text = envelope
            .GetRawText()
            .Replace(
                envelope.GetProperty("payload").GetString()!,
                Convert.ToBase64String(payload),
                StringComparison.Ordinal
            );
        return JsonDocument.Parse(text).RootElement;
    }
}
