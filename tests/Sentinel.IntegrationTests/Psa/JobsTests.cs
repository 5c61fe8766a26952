using Sentinel.Contract;
using Sentinel.Psa.Assets;

namespace Sentinel.IntegrationTests.Psa;

public sealed class JobsTests
{
    [Fact]
    public async Task Detection_is_told_of_every_asset_once_and_of_its_latest_state()
    {
        await using var office = await Office.OpenAsync();
        var detection = new Told();
        var deliver = new DeliverReferenceData(
            office.Database.Sentinel,
            detection,
            TimeProvider.System
        );
        var asset = Office.Done(
            await new RegisterAsset(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Administrator,
                new NewAsset("server", "web-1", "cmdb-17", ["web-1", "192.0.2.1"], 8),
                default
            )
        );

        Assert.Equal(1, await deliver.RunAsync(default));
        Office.Done(
            await new RetireAsset(office.Database.Sentinel).RunAsync(
                office.Administrator,
                asset,
                default
            )
        );
        Assert.Equal(1, await deliver.RunAsync(default));
        Assert.Equal(0, await deliver.RunAsync(default));

        Assert.Equal([true, false], detection.Assets.Select(told => told.Active));
        Assert.All(
            detection.Assets,
            told =>
            {
                Assert.Equal(office.OrganisationId, told.OrganisationId);
                Assert.Equal(asset, told.Id);
                Assert.Equal(["web-1", "192.0.2.1"], told.Names);
                Assert.Equal(8, told.Criticality);
            }
        );
    }

    [Fact]
    public async Task A_delivery_that_was_cut_short_happens_again()
    {
        await using var office = await Office.OpenAsync();
        var detection = new Told { Fails = true };
        var deliver = new DeliverReferenceData(
            office.Database.Sentinel,
            detection,
            TimeProvider.System
        );
        Office.Done(
            await new RegisterAsset(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Administrator,
                new NewAsset("server", "web-1", null, [], 1),
                default
            )
        );

        await Assert.ThrowsAsync<IOException>(() => deliver.RunAsync(default));
        detection.Fails = false;

        Assert.Equal(1, await deliver.RunAsync(default));
        Assert.Single(detection.Assets);
    }

    sealed class Told : IReferenceData
    {
        public List<ReferenceData.Asset> Assets { get; } = [];

        public bool Fails { get; set; }

        public Task ApplyAsync(ReferenceData change, CancellationToken cancellation)
        {
            if (Fails)
                throw new IOException("the other side is away");
            Assets.Add(Assert.IsType<ReferenceData.Asset>(change));
            return Task.CompletedTask;
        }
    }
}
