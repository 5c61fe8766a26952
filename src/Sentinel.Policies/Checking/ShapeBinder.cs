using System.Text.RegularExpressions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary><c>is auth.login_failed severity 4 outcome failure tag a, b</c></summary>
sealed partial class ShapeBinder(Reporter reporter, CheckScope scope)
{
    public EventShape? Bind(ShapeSyntax syntax)
    {
        if (!EventType().IsMatch(syntax.Type.Value))
        {
            reporter.Add(
                Codes.WrongName,
                syntax.Type.Place,
                $"{syntax.Type} is not a type of event.",
                "Write category.type, such as auth.login_failed: a to z, 0 to 9 and _."
            );
            return null;
        }
        var dot = syntax.Type.Value.IndexOf('.');
        if (syntax.Type.Value[..dot] is Chaining.Hit or Chaining.Risk)
            reporter.Add(
                Codes.WrongName,
                syntax.Type.Place,
                $"{syntax.Type} is not for events: hits of rules, and the risk that they add, are called so.",
                "Take another category."
            );
        if (syntax.Severity is null)
        {
            reporter.MissingClause(
                syntax.Type,
                "An event has a severity.",
                $"Write 'is {syntax.Type.Value} severity 1', or another number up to 10."
            );
            return null;
        }
        if (syntax.Outcome is { Value: not ("success" or "failure" or "unknown") } outcome)
            reporter.Add(
                Codes.WrongValue,
                outcome.Place,
                $"{outcome} is not an outcome.",
                Suggestions.DidYouMean(outcome.Value, ["success", "failure", "unknown"])
                    ?? "The outcomes are success, failure and unknown."
            );
        scope.EventTypes.Add(syntax.Type.Value);
        if (Literals.Severity(reporter, syntax.Severity) is not { } severity)
            return null;
        return new EventShape(
            syntax.Type.Value[..dot],
            syntax.Type.Value[(dot + 1)..],
            severity,
            syntax.Outcome?.Value,
            [.. syntax.Tags.Select(t => t.Value)]
        )
        {
            OcsfClass = syntax.Ocsf is { } ocsf ? OcsfClassOf(ocsf) : null,
        };
    }

    int? OcsfClassOf(Token token)
    {
        if (token.Value.Length <= 4 && OcsfClasses.Names.ContainsKey(token.ToInt()))
            return token.ToInt();
        var group = token.Value[..1];
        var known = OcsfClasses.Names.Where(c =>
            $"{c.Key}".StartsWith(group, StringComparison.Ordinal)
        );
        reporter.Add(
            Codes.UnknownOcsfClass,
            token.Place,
            $"{token} is not a class of OCSF.",
            known.Any()
                ? $"Of that category are {string.Join(", ", known.Select(c => $"{c.Key} {c.Value}"))}."
                : "Classes are numbers such as 3002, Authentication."
        );
        return null;
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex EventType();
}
