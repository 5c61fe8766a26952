using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Stories;

namespace Sentinel.Cli.Sessions;

/// <summary>One command about casework while it runs: what was asked, by whom, and how the answer is said.</summary>
sealed class CaseAsked(
    ParseResult parsed,
    CommandSession session,
    bool json,
    CancellationToken cancellation
)
{
    public Secret Secret => session.Secret;

    public CancellationToken Cancellation => cancellation;

    public TextWriter Output => parsed.InvocationConfiguration.Output;

    public TextWriter Error => parsed.InvocationConfiguration.Error;

    public bool Json => json;

    public T Use<T>()
        where T : notnull => session.Use<T>();

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>JSON for programs, one sentence for people.</summary>
    public int Say<T>(Outcome<T> outcome, Func<T, string> sentence) =>
        parsed.Say(
            outcome,
            done =>
            {
                if (json)
                    Output.WriteJson(done);
                else
                    Output.WriteLine(sentence(done));
                return ExitCodes.Yes;
            }
        );

    /// <summary>One line for each; for programs one JSON object a line.</summary>
    /// <param name="none">What people are told where there is none.</param>
    public int SayAll<T>(Outcome<IReadOnlyList<T>> outcome, Func<T, string> line, string none) =>
        parsed.Say(
            outcome,
            all =>
            {
                if (!json && all.Count == 0)
                    Output.WriteLine(none);
                foreach (var one in all)
                    if (json)
                        Output.WriteJson(one);
                    else
                        Output.WriteLine(line(one));
                return ExitCodes.Yes;
            }
        );

    public int Say<T>(Outcome<T> outcome, Func<T, int> done) => parsed.Say(outcome, done);

    /// <summary>The case that was named, and then what is to be done with it.</summary>
    public async Task<int> WithCaseAsync(string named, Func<Guid, Task<int>> run) =>
        await Use<ShowCase>().FindAsync(Secret, named, cancellation) is { } id
            ? await run(id)
            : Refuse($"there is no case {named}: name it like INC-1, or by its id");

    public int Refuse(string reason) => parsed.InvocationConfiguration.Error.Refuse(reason);

    /// <summary>Everybody's address by id, where whoever asks may read them.</summary>
    public async Task<Func<Guid, string>> NamesAsync()
    {
        var users = await Use<ListUsers>().RunAsync(Secret, cancellation);
        var names = users is Outcome<IReadOnlyList<KnownUser>>.Done({ } all)
            ? all.ToDictionary(user => user.Id, user => CaseText.Printable(user.Email))
            : [];
        return id => names.GetValueOrDefault(id, id.ToString());
    }

    /// <summary>The token, said this once: alone on a line of its own, so that a script can take it.</summary>
    public int SayToken(Outcome<IssuedCredential> outcome) =>
        parsed.Say(
            outcome,
            issued =>
            {
                if (json)
                    Output.WriteJson(
                        new
                        {
                            issued.Id,
                            Token = issued.Secret.Value,
                            issued.ExpiresAt,
                        }
                    );
                else
                {
                    Output.WriteLine(issued.Secret.Value);
                    Error.WriteLine(
                        $"It is shown this once, ends on {issued.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm}, "
                            + $"and is revoked by its id {issued.Id}."
                    );
                }
                return ExitCodes.Yes;
            }
        );

    /// <summary>The person that was named.</summary>
    public Task<int> WithPersonAsync(Argument<string> named, Func<Guid, Task<int>> run) =>
        WithPersonAsync(Get(named), person => run(person!.Value));

    /// <summary>The person that was named, if one was.</summary>
    public async Task<int> WithPersonAsync(string? named, Func<Guid?, Task<int>> run)
    {
        if (named is null)
            return await run(null);
        var found = await Use<FindPerson>().RunAsync(Secret, named, cancellation);
        return found is Outcome<Guid>.Done(var id)
            ? await run(id)
            : parsed.Say(found, _ => ExitCodes.Yes);
    }
}
