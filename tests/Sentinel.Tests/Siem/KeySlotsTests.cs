using FsCheck;
using FsCheck.Xunit;
using Sentinel.Siem.Correlation;

namespace Sentinel.Tests.Siem;

/// <summary>The compact tables against plain ones.</summary>
public sealed class KeySlotsTests
{
    // Short and long, narrow and wide, a letter that no encoding knows, and some that others begin with.
    static readonly string[] texts =
    [
        "",
        "a",
        "\0",
        "ab",
        "é",
        "中",
        "\ud800",
        "\ud801",
        new('k', 19),
        new('k', 20),
        new('k', 21),
        new string('k', 39) + "中",
        new('k', 4_000),
    ];

    [Property(MaxTest = 200)]
    public void Slots_of_keys_are_a_table_whose_longest_untouched_key_goes_first(
        NonNegativeInt[] steps,
        PositiveInt most
    )
    {
        var limit = most.Get % 9 + 1;
        var slots = new KeySlots(limit);
        // Oldest first.
        var expected = new List<string>();
        foreach (var step in steps)
        {
            var text = texts[step.Get % texts.Length];
            var slot = slots.Find(text);
            Assert.Equal(expected.Contains(text), slot != KeySlots.None);
            if (slot != KeySlots.None && step.Get % 3 == 0)
            {
                slots.Remove(slot);
                expected.Remove(text);
                continue;
            }
            if (slot != KeySlots.None)
                slots.Touch(slot);
            else
            {
                if (slots.IsFull)
                {
                    slots.Remove(slots.Oldest);
                    expected.RemoveAt(0);
                }
                slots.Add(text);
            }
            expected.Remove(text);
            expected.Add(text);
            Assert.Equal(expected, InOrder(slots));
            Assert.Equal(expected.Count, slots.Count);
        }
    }

    [Fact]
    public void A_table_grows_to_many_keys_and_finds_each_again()
    {
        const int count = 20_000;
        var slots = new KeySlots(count);
        for (var i = 0; i < count; i++)
            Assert.Equal(i, slots.Add($"key {i}"));
        for (var i = 0; i < count; i++)
            Assert.Equal(i, slots.Find($"key {i}"));
        Assert.True(slots.IsFull);
        for (var i = 0; i < count; i += 2)
            slots.Remove(i);
        for (var i = 0; i < count; i++)
            Assert.Equal(i % 2 == 0 ? KeySlots.None : i, slots.Find($"key {i}"));
    }

    [Property(MaxTest = 200)]
    public void Bytes_in_cells_are_the_bytes_that_were_appended(byte[][] parts, bool[] freed)
    {
        var cells = new ByteCells();
        var chains = new ByteChain[3];
        Array.Fill(chains, ByteCells.Empty);
        var expected = new[] { Array.Empty<byte>(), [], [] };
        for (var i = 0; i < parts.Length; i++)
        {
            var at = i % chains.Length;
            if (i < freed.Length && freed[i])
            {
                cells.Free(ref chains[at]);
                expected[at] = [];
            }
            cells.Append(ref chains[at], parts[i]);
            expected[at] = [.. expected[at], .. parts[i]];
            for (var one = 0; one < chains.Length; one++)
            {
                var read = new byte[chains[one].Length];
                cells.Read(chains[one], read);
                Assert.Equal(expected[one], read);
                Assert.True(cells.Equals(chains[one], read));
                Assert.False(cells.Equals(chains[one], [.. read, 0]));
            }
        }
    }

    static List<string> InOrder(KeySlots slots)
    {
        var keys = new List<string>();
        for (var slot = slots.Oldest; slot != KeySlots.None; slot = slots.NewerThan(slot))
            keys.Add(slots.TextOf(slot));
        return keys;
    }
}
