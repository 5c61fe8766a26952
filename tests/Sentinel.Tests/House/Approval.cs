namespace Sentinel.Tests.House;

/// <summary>Text that changes on purpose only: compared with a file that somebody has looked at.</summary>
static class Approval
{
    /// <summary>
    /// SENTINEL_APPROVE=1 writes what is there now as the approved text; the difference is then part of
    /// the commit, where it can be read.
    /// </summary>
    public static void Check(string name, string actual)
    {
        var path = Repository.Approved(name);
        if (Environment.GetEnvironmentVariable("SENTINEL_APPROVE") == "1")
            File.WriteAllText(path, actual);
        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "", actual);
    }
}
