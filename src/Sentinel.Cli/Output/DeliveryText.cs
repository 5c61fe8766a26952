using System.Text;
using Sentinel.Psa.Modules;

namespace Sentinel.Cli.Output;

/// <summary>A delivery for people: what became of each record, and what somebody has to decide.</summary>
static class DeliveryText
{
    public static string Write(ModuleDelivery delivery)
    {
        var text = new StringBuilder(
            $"{delivery.Findings.Count} records of {delivery.Module}: {delivery.Opened} cases opened, "
                + $"{delivery.Added} added to open ones, {delivery.Known} known before, {delivery.Refused} refused."
        );
        foreach (var one in delivery.Findings)
            text.Append('\n')
                .Append(
                    one.Receipt is { } receipt
                        ? $"{one.Became}  {Line(receipt)}"
                        : $"{one.Became}  {one.Reason}"
                );
        return text.ToString();
    }

    public static string Line(ModuleReceipt receipt)
    {
        var text = new StringBuilder(
            $"{receipt.Module} {DetectText.Printable(receipt.OutsideId)}: {receipt.FindingType}, severity {receipt.Severity}, case {receipt.CaseId}"
        );
        foreach (var unknown in receipt.NotMapped)
            text.Append("\n    not mapped: ").Append(DetectText.Printable(unknown));
        if (receipt.AssetsProposed.Count > 0)
            text.Append("\n    assets to register or link: ")
                .Append(DetectText.Printable(string.Join(", ", receipt.AssetsProposed)));
        return text.ToString();
    }
}
