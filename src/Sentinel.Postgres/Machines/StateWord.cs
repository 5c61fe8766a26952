using System.Text;

namespace Sentinel.Postgres.Machines;

/// <summary>How states and triggers stand in columns, in JSON and in diagrams: as snake_case.</summary>
public static class StateWord
{
    public static string Of<TState>(TState state)
        where TState : struct, Enum
    {
        var name = state.ToString();
        var word = new StringBuilder(name.Length + 2);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && word.Length > 0)
                word.Append('_');
            word.Append(char.ToLowerInvariant(letter));
        }
        return word.ToString();
    }
}
