using PublicApiGenerator;
using Sentinel.Contract;

namespace Sentinel.Tests.House;

/// <summary>The dock changes on purpose: its public face is printed and approved.</summary>
public sealed class ContractTests
{
    [Fact]
    public void The_contract_is_the_approved_one() =>
        Approval.Check("Sentinel.Contract.txt", Print(typeof(ICaseIntake)));

    [Fact]
    public void A_changed_contract_is_caught()
    {
        var approved = File.ReadAllText(Repository.Approved("Sentinel.Contract.txt"));
        Assert.NotEqual(approved, Print(typeof(EscalationReceipt)));
    }

    static string Print(params Type[] types) =>
        (
            types is [var one] && one == typeof(ICaseIntake)
                ? one.Assembly.GeneratePublicApi(Options)
                : types.GeneratePublicApi(Options)
        ) + "\n";

    static ApiGeneratorOptions Options => new() { IncludeAssemblyAttributes = false };
}
