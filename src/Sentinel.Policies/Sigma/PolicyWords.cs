using System.Text;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Sigma;

/// <summary>Names and values as the policy language spells them.</summary>
static partial class PolicyWords
{
    /// <summary>Words that mean something where a field or the name of a part may stand.</summary>
    static readonly HashSet<string> reserved =
    [
        "and",
        "or",
        "not",
        "in",
        "where",
        "has",
        "all",
        "any",
        "of",
        "record",
        "field",
        "cased",
        "exists",
        "event",
        "is",
        "then",
        "within",
        "having",
        "at",
        "expect",
        "until",
        "because",
    ];

    /// <summary>In single quotes where everything can stand for itself.</summary>
    public static string Quote(string text) =>
        text.AsSpan().ContainsAny('\'', '\n', '\t') ? DoubleQuote(text) : $"'{text}'";

    public static string DoubleQuote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
            quoted.Append(
                c switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    '\n' => "\\n",
                    '\t' => "\\t",
                    _ => c.ToString(),
                }
            );
        return quoted.Append('"').ToString();
    }

    /// <summary>A message, in which braces would mean values of the event.</summary>
    public static string Message(string text) =>
        DoubleQuote(text)
            .Replace("{", "\\{", StringComparison.Ordinal)
            .Replace("}", "\\}", StringComparison.Ordinal);

    /// <summary>False where no policy text can hold it.</summary>
    public static bool CanHold(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] is '\0' or '\r' or '\uFFFD')
                return false;
            else if (char.IsSurrogatePair(text, i))
                i++;
            else if (char.IsSurrogate(text[i]))
                return false;
        return true;
    }

    /// <summary>The field of a member of the record.</summary>
    public static string Field(string member)
    {
        var name = EventFields.FieldOf(member);
        return PlainField().IsMatch(name) && !reserved.Contains(name) ? name : Quote(name);
    }

    /// <summary>A name of ours that is like this one and that <paramref name="taken"/> does not have.</summary>
    public static string Name(string text, ICollection<string> taken)
    {
        const int nameCharsMax = 90;
        var name = Unnamable().Replace(text.ToLowerInvariant(), "_").Trim('_');
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]))
            name = "s_" + name;
        name = name[..Math.Min(name.Length, nameCharsMax)];
        var unique = name;
        for (var n = 2; taken.Contains(unique) || reserved.Contains(unique); n++)
            unique = $"{name}_{n}";
        return unique;
    }

    [GeneratedRegex(@"\A[A-Za-z_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\z")]
    private static partial Regex PlainField();

    public static bool IsName(string text) => Named().IsMatch(text);

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*\z")]
    private static partial Regex Named();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Unnamable();
}
