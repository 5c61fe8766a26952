using System.Text.Json;

namespace Sentinel.Server.Api;

/// <summary>A state in a query, by the word that the API says it with: <c>in_progress</c>.</summary>
readonly record struct QueryWord<T>(T Value)
    where T : struct, Enum
{
    // Minimal APIs bind a query parameter through this method.
    public static bool TryParse(string text, out QueryWord<T> word)
    {
        foreach (var value in Enum.GetValues<T>())
            if (JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()) == text)
            {
                word = new QueryWord<T>(value);
                return true;
            }
        word = default;
        return false;
    }
}
