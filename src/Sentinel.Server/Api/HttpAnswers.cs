using Sentinel.Psa.Audit;

namespace Sentinel.Server.Api;

/// <summary>What a use case answered, as HTTP: a value, 404, or a refusal with its rule and reason.</summary>
static class HttpAnswers
{
    public static IResult ToHttp<T>(this Outcome<T> outcome) =>
        outcome.Match(
            done => Results.Ok(done),
            missing => Results.Problem($"There is no {missing}.", statusCode: 404),
            refusal => Refused(refusal.Rule, refusal.Reason, refusal.Instead)
        );

    public static IResult Refused(string rule, string reason, string? instead = null) =>
        Results.Problem(
            reason,
            statusCode: rule == "permission.missing" ? 403 : 409,
            extensions: new Dictionary<string, object?> { ["rule"] = rule, ["instead"] = instead }
        );
}
