using Spectre.Console;

namespace Sentinel.Cli.Output;

/// <summary>
/// A bar on a terminal, nothing in a pipe: what a script reads is the result, not the way there.
/// </summary>
/// <param name="console">Null where nobody watches.</param>
sealed class ProgressBar(IAnsiConsole? console)
{
    /// <summary>On standard error, so that standard output holds the result alone.</summary>
    public static ProgressBar OnStandardError() =>
        new(
            Console.IsErrorRedirected || Console.IsOutputRedirected
                ? null
                : AnsiConsole.Create(
                    new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }
                )
        );

    public bool IsShown => console is not null;

    /// <param name="what">What is being worked on, as the person called it.</param>
    /// <param name="total">How much there is, in whatever unit <paramref name="work"/> reports.</param>
    /// <param name="work">Reports how much is done so far.</param>
    public async Task<T> RunAsync<T>(string what, long total, Func<Action<long>, Task<T>> work)
    {
        if (console is null)
            return await work(_ => { });
        return await console
            .Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(what), maxValue: Math.Max(1, total));
                return await work(done => bar.Value = done);
            });
    }

    /// <summary>Says on a terminal which step is being taken, where nobody knows how long it is.</summary>
    public async Task<T> WhileAsync<T>(string first, Func<Action<string>, Task<T>> work)
    {
        if (console is null)
            return await work(_ => { });
        return await console
            .Status()
            .StartAsync(
                Markup.Escape(first),
                status => work(step => status.Status(Markup.Escape(step)))
            );
    }
}
