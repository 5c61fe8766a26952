using System.Text.Json;

namespace Sentinel.Server.Studio;

/// <summary>Answers in the form that Elsa Studio reads: camel case, and times with their offset.</summary>
static class StudioJson
{
    static readonly JsonSerializerOptions options = new(JsonSerializerDefaults.Web);

    public static IResult Answer(object value) => Results.Json(value, options);

    public static IResult Items(IReadOnlyCollection<object> items) =>
        Answer(
            new
            {
                items,
                count = items.Count,
                totalCount = items.Count,
            }
        );

    /// <summary>A no that Studio shows: it reads the sentences in <c>errors</c> of problem details.</summary>
    public static IResult No(int status, params IEnumerable<string> sentences)
    {
        var all = sentences.ToArray();
        return Results.Problem(
            string.Join(" ", all),
            statusCode: status,
            extensions: new Dictionary<string, object?>
            {
                ["errors"] = new Dictionary<string, string[]> { ["generalErrors"] = all },
            }
        );
    }
}
