using Microsoft.Extensions.Time.Testing;
using Sentinel.Contract;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Sla;

namespace Sentinel.IntegrationTests.Psa;

public sealed class JobsTests
{
    [Fact]
    public async Task Detection_is_told_of_every_asset_once_and_of_its_latest_state()
    {
        await using var office = await Office.OpenAsync();
        var detection = new Told();
        var deliver = new DeliverReferenceData(
            office.Database.Sentinel,
            detection,
            TimeProvider.System
        );
        var asset = Office.Done(
            await new RegisterAsset(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Administrator,
                new NewAsset("server", "web-1", "cmdb-17", ["web-1", "192.0.2.1"], 8),
                default
            )
        );

        Assert.Equal(1, await deliver.RunAsync(default));
        Office.Done(
            await new RetireAsset(office.Database.Sentinel).RunAsync(
                office.Administrator,
                asset,
                default
            )
        );
        Assert.Equal(1, await deliver.RunAsync(default));
        Assert.Equal(0, await deliver.RunAsync(default));

        Assert.Equal([true, false], detection.Assets.Select(told => told.Active));
        Assert.All(
            detection.Assets,
            told =>
            {
                Assert.Equal(office.OrganisationId, told.OrganisationId);
                Assert.Equal(asset, told.Id);
                Assert.Equal(["web-1", "192.0.2.1"], told.Names);
                Assert.Equal(8, told.Criticality);
            }
        );
    }

    [Fact]
    public async Task A_delivery_that_was_cut_short_happens_again()
    {
        await using var office = await Office.OpenAsync();
        var detection = new Told { Fails = true };
        var deliver = new DeliverReferenceData(
            office.Database.Sentinel,
            detection,
            TimeProvider.System
        );
        Office.Done(
            await new RegisterAsset(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Administrator,
                new NewAsset("server", "web-1", null, [], 1),
                default
            )
        );

        await Assert.ThrowsAsync<IOException>(() => deliver.RunAsync(default));
        detection.Fails = false;

        Assert.Equal(1, await deliver.RunAsync(default));
        Assert.Single(detection.Assets);
    }

    [Fact]
    public async Task A_clock_is_breached_when_it_runs_out_and_only_once()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var started = (await office.StoryAsync(caseId)).Sla!.StartedAt;
        var clock = new FakeTimeProvider(started);
        var mark = new MarkBreaches(office.Database.Sentinel, clock);

        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(0, await mark.RunAsync(default));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await mark.RunAsync(default));
        Assert.Equal(0, await mark.RunAsync(default));
        var sla = (await office.StoryAsync(caseId)).Sla!;
        Assert.True(sla.Breached);
        Assert.Equal(started.AddMinutes(15), sla.BreachedAt);

        clock.Advance(TimeSpan.FromHours(4));
        Assert.Equal(1, await mark.RunAsync(default));
        Assert.Equal(sla.BreachedAt, (await office.StoryAsync(caseId)).Sla!.BreachedAt);
    }

    [Fact]
    public async Task A_case_that_was_answered_in_time_is_not_breached()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(1));

        Assert.Equal(0, await new MarkBreaches(office.Database.Sentinel, clock).RunAsync(default));
        Assert.False((await office.StoryAsync(caseId)).Sla!.Breached);
    }

    sealed class Told : IReferenceData
    {
        public List<ReferenceData.Asset> Assets { get; } = [];

        public bool Fails { get; set; }

        public Task ApplyAsync(ReferenceData change, CancellationToken cancellation)
        {
            if (Fails)
                throw new IOException("the other side is away");
            Assets.Add(Assert.IsType<ReferenceData.Asset>(change));
            return Task.CompletedTask;
        }
    }
}
