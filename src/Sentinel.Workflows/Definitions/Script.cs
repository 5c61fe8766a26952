using System.Collections.Concurrent;
using Jint;

namespace Sentinel.Workflows.Definitions;

/// <summary>JavaScript, parsed once for each text.</summary>
static class Script
{
    const int TextCharsMax = 16 * 1024;
    const int CachedMax = 10_000;

    static readonly ConcurrentDictionary<string, Prepared<Acornima.Ast.Script>> Cache = new();

    /// <exception cref="ScriptPreparationException">The text is not JavaScript.</exception>
    public static Prepared<Acornima.Ast.Script> Prepare(string text)
    {
        if (Cache.Count > CachedMax)
            Cache.Clear();
        return Cache.GetOrAdd(text, code => Engine.PrepareScript(code));
    }

    /// <summary>What is wrong with the text, or null.</summary>
    public static string? Problem(string text)
    {
        if (text.Length > TextCharsMax)
            return $"it is longer than {TextCharsMax} characters.";
        try
        {
            Prepare(text);
            return null;
        }
        catch (ScriptPreparationException bad)
        {
            return bad.InnerException?.Message ?? bad.Message;
        }
    }
}
