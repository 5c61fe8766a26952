using Sentinel.Postgres;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Tests.Postgres;

public class SignedNoteTests
{
    // The example of Go's package note, which defined the format.
    const string GoKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    const string GoNote =
        "If you think cryptography is the answer to your problem,\n"
        + "then you don't know what your problem is.\n\n"
        + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX"
        + "gKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    [Fact]
    public void A_note_that_another_program_signed_is_verified()
    {
        var note = SignedNote.Parse(GoNote)!;
        var key = VerifierKey.Parse(GoKey)!;

        Assert.True(key.Signed(note));
        Assert.False(key.Signed(note with { Text = note.Text.Replace("don't", "do") }));
        Assert.Equal(GoNote, note.ToString());
        Assert.Equal(GoKey, key.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("no signature\n")]
    [InlineData("text\n\nnot a signature\n")]
    [InlineData("text\n\n— name AAAA\n")]
    [InlineData("text\n\n— name x08go/ZJkuBS9UG=")]
    public void What_is_not_a_note_is_nothing(string text) => Assert.Null(SignedNote.Parse(text));

    [Fact]
    public void The_key_stays_with_its_data_directory_and_signs_for_one_name_at_a_time()
    {
        var folder = Directory.CreateTempSubdirectory("sentinel-note-");
        try
        {
            var data = new DataDirectory(Path.Combine(folder.FullName, "data"));
            using var key = LedgerKey.Open(data);
            using var again = LedgerKey.Open(data);
            var note = SignedNote.Parse(key.Sign("psa", "a head\n").ToString())!;

            Assert.True(VerifierKey.Parse(again.VerifierKeyFor("psa").ToString())!.Signed(note));
            Assert.False(key.VerifierKeyFor("siem").Signed(note));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(data.SecretFile("signer.key"))
            );
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(data.Secrets)
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
