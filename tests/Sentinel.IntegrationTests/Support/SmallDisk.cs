using System.Diagnostics;

namespace Sentinel.IntegrationTests.Support;

/// <summary>A file system of its own that can be full, where this process may mount one.</summary>
sealed class SmallDisk : IDisposable
{
    const int BlockBytes = 64 * 1024;

    SmallDisk(string path) => Path = path;

    public string Path { get; }

    string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Skips the test where mounting is not permitted: in most containers without root.</summary>
    public static SmallDisk Create(int sizeMebibytes)
    {
        var folder = Directory.CreateTempSubdirectory("sentinel-small-").FullName;
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={sizeMebibytes}m,mode=755", "tmpfs", folder))
        {
            Directory.Delete(folder);
            Assert.Skip("A small file system to fill cannot be mounted here: that takes root.");
        }
        return new SmallDisk(folder);
    }

    /// <summary>Takes what is free, but for so much.</summary>
    public void Fill(long leaveBytes)
    {
        var free = new DriveInfo(Path).AvailableFreeSpace;
        using var filler = new FileStream(Filler, FileMode.Create);
        var block = new byte[BlockBytes];
        for (var written = 0L; written + BlockBytes <= free - leaveBytes; written += BlockBytes)
            filler.Write(block);
    }

    public void FreeSpace() => File.Delete(Filler);

    public void Dispose()
    {
        if (Run("umount", "--lazy", Path))
            Directory.Delete(Path);
    }

    static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                }
            )!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
