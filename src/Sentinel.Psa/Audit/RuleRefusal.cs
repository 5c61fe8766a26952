namespace Sentinel.Psa.Audit;

/// <summary>A rule of the house said no: which rule, what is missing, and who could do it instead.</summary>
/// <param name="Rule">Its name, the same in the service and in the database: <c>case.close.own_work</c>.</param>
public sealed record RuleRefusal(string Rule, string Reason, string? Instead)
{
    /// <summary>Whom <see cref="Instead"/> means, where it does not name them yet.</summary>
    internal Able? Able { get; init; }

    public override string ToString() => Instead is null ? Reason : $"{Reason} ({Instead})";
}

/// <summary>Every answer that a use case of casework can give.</summary>
public abstract record Outcome<T>
{
    Outcome() { }

    public sealed record Done(T Value) : Outcome<T>;

    /// <param name="What">Such as <c>case 0197…</c>; also what belongs to another organisation.</param>
    public sealed record NotFound(string What) : Outcome<T>;

    public sealed record Declined(RuleRefusal Why) : Outcome<T>;

    /// <summary>The closed set, switched in full: a host handles all three or does not compile.</summary>
    public TResult Match<TResult>(
        Func<T, TResult> done,
        Func<string, TResult> notFound,
        Func<RuleRefusal, TResult> refused
    ) =>
        this switch
        {
            Done yes => done(yes.Value),
            NotFound missing => notFound(missing.What),
            Declined no => refused(no.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
