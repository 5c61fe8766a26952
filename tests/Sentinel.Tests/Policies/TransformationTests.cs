using System.Text;
using FsCheck.Xunit;
using Sentinel.Policies.Checking;

namespace Sentinel.Tests.Policies;

public sealed class TransformationTests
{
    [Property(MaxTest = 500)]
    public void A_value_is_found_at_every_offset_of_what_was_encoded(
        byte[] before,
        byte[] value,
        byte[] after
    )
    {
        byte[] wanted = [1, 2, .. value ?? []];
        var encoded = Convert.ToBase64String([.. before ?? [], .. wanted, .. after ?? []]);

        var parts = Transformation.Base64(wanted, offsets: true).ToList();

        Assert.Equal(3, parts.Count);
        Assert.Contains(parts, encoded.Contains);
    }

    /// <summary>The longest text that is in every encoding with the value at that offset.</summary>
    [Fact]
    public void Nothing_that_is_certain_is_left_out()
    {
        byte[] wanted = [.. "Invoke"u8];
        var parts = Transformation.Base64(wanted, offsets: true).ToList();
        for (var offset = 0; offset < 3; offset++)
        {
            string[] all =
            [
                .. Enumerable
                    .Range(0, 256)
                    .Select(b =>
                        Convert.ToBase64String([
                            .. Enumerable.Repeat((byte)b, offset),
                            .. wanted,
                            .. Enumerable.Repeat((byte)~b, 3 - offset),
                        ])
                    ),
            ];
            var common = new StringBuilder();
            for (var i = 0; i < all[0].Length; i++)
                common.Append(all.All(text => text[i] == all[0][i]) ? all[0][i] : ' ');
            Assert.Equal(parts[offset], common.ToString().Trim());
        }
    }

    [Fact]
    public void A_dash_that_begins_a_word_stands_for_all_that_Windows_takes_for_it()
    {
        var variants = Transformation.WithDashes(" -a b-c \u2013d -");

        Assert.Equal(25, variants.Distinct().Count());
        Assert.Contains(" /a b-c -d -", variants);
        Assert.Contains(" \u2015a b-c \u2014d -", variants);
        Assert.All(variants, v => Assert.Contains("b-c", v));
        Assert.Empty(Transformation.WithDashes("-a -b -c -d -e -f"));
    }
}
