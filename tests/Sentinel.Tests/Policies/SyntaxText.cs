using System.Collections;
using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Tests.Policies;

/// <summary>What a text says, without its places: equal texts are equal trees.</summary>
static class SyntaxText
{
    /// <summary>Null where the text cannot be read.</summary>
    public static string? Of(string text)
    {
        var reporter = new Reporter(new PolicyText("some.sentinel", text));
        var tree = new DeclarationParser(reporter).Parse();
        if (reporter.Diagnostics.Count > 0)
            return null;
        var said = new StringBuilder();
        Write(tree, said);
        return said.ToString();
    }

    static void Write(object? node, StringBuilder said)
    {
        switch (node)
        {
            case null:
                said.Append('-');
                break;
            case Token token:
                // The one thing that has two names.
                said.Append(token.IsWord("key-value") ? "kv" : token.Value);
                break;
            case string or bool:
                said.Append(node);
                break;
            case TextPlace:
                break;
            case IEnumerable many:
                said.Append('[');
                foreach (var one in many)
                {
                    Write(one, said);
                    said.Append('\n');
                }
                said.Append(']');
                break;
            default:
                said.Append(node.GetType().Name).Append('(');
                foreach (var property in node.GetType().GetProperties())
                    if (property.GetIndexParameters().Length == 0)
                    {
                        Write(property.GetValue(node), said);
                        said.Append(';');
                    }
                said.Append(')');
                break;
        }
    }
}
