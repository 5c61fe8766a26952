using System.Text.Json;
using System.Text.Json.Nodes;
using MimeKit;

namespace Sentinel.Psa.Outbound;

/// <summary>A message as it is asked for: to whom, about what, and what it says.</summary>
/// <param name="arguments">With <c>to</c>, <c>subject</c>, <c>text</c> and <c>data</c>, where it has them.</param>
sealed class OutboundText(JsonObject arguments)
{
    static readonly JsonSerializerOptions readable = new() { WriteIndented = true };

    public IEnumerable<string> To =>
        arguments["to"]?.AsArray().Select(one => one!.GetValue<string>()) ?? [];

    public string Subject => arguments["subject"]!.GetValue<string>();

    /// <summary>The text, and the data below it.</summary>
    public string Text =>
        string.Join(
            "\n\n",
            new[]
            {
                arguments["text"]?.GetValue<string>(),
                arguments["data"]?.ToJsonString(readable),
            }.Where(part => part is not null)
        );

    /// <summary>For where there is no subject beside the text.</summary>
    public string Whole => Text.Length == 0 ? Subject : $"{Subject}\n{Text}";

    public static bool IsAddress(string text) =>
        MailboxAddress.TryParse(text, out var address)
        && address.Address.Equals(text, StringComparison.Ordinal)
        && text.Contains('@', StringComparison.Ordinal);
}
