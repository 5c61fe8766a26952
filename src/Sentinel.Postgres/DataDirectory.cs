namespace Sentinel.Postgres;

/// <summary>
/// <c>$SENTINEL_DATA</c>: what Sentinel keeps outside the database. Every folder is made when first
/// asked for, readable by nobody else (0700), and every secret in it is a file of mode 0600.
/// </summary>
public sealed class DataDirectory
{
    public const string Variable = "SENTINEL_DATA";
    public const string DefaultPath = ".sentinel";

    const UnixFileMode OwnerOnlyFolder =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    static readonly TimeSpan LockWaitMax = TimeSpan.FromSeconds(10);

    public DataDirectory(string path) => Path = Made(System.IO.Path.GetFullPath(path));

    /// <summary>The directory that <c>SENTINEL_DATA</c> names, else <c>.sentinel/</c> here.</summary>
    public static DataDirectory FromEnvironment() =>
        new(
            Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path
                ? path
                : DefaultPath
        );

    public string Path { get; }

    /// <summary>Passwords of the roles, the machines' key, the signer's key.</summary>
    public string Secrets => Folder("secrets");

    /// <summary>The private PostgreSQL, where it is the embedded one.</summary>
    public string Postgres => Folder("postgres");

    /// <summary>Siem's sealed evidence packages.</summary>
    public string Packages => Folder("packages");

    /// <summary>The PSA's evidence objects, by SHA-256.</summary>
    public string Evidence => Folder("evidence");

    /// <summary>Geo databases (mmdb) that somebody put here; each is used.</summary>
    public string GeoDatabases => Folder("geo");

    /// <summary>The latest signed audit heads, kept outside the database they vouch for.</summary>
    public string Heads => Folder("heads");

    public string Logs => Folder("logs");

    /// <summary>The file that says who is asking, where <c>SENTINEL_TOKEN</c> does not.</summary>
    public string TokenFile => System.IO.Path.Combine(Path, "token");

    public string SecretFile(string name) => System.IO.Path.Combine(Secrets, name);

    public string HeadFile(string schema) => System.IO.Path.Combine(Heads, schema + ".checkpoint");

    /// <summary>The secret of that name, or null where there is none.</summary>
    public string? ReadSecret(string name)
    {
        var file = SecretFile(name);
        return File.Exists(file) ? Guarded(file, () => File.ReadAllText(file).Trim()) : null;
    }

    public void WriteSecret(string name, string value) => WriteAtomically(SecretFile(name), value);

    /// <summary>
    /// The secret of that name, made on first use; of two processes that make it at once both
    /// get the same.
    /// </summary>
    public string ReadOrMakeSecret(string name, Func<string> make)
    {
        if (ReadSecret(name) is { Length: > 0 } existing)
            return existing;
        var file = SecretFile(name);
        return Guarded(
            file,
            () =>
            {
                using var alone = Locked(System.IO.Path.Combine(Path, "secrets.lock"));
                if (ReadSecret(name) is { Length: > 0 } made)
                    return made;
                WriteAtomically(file, make());
                return File.ReadAllText(file).Trim();
            }
        );
    }

    // A move that does not overwrite looks first and moves then, so two could both succeed.
    static FileStream Locked(string file)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.None,
            UnixCreateMode = OwnerOnlyFile,
        };
        FileStream? opened = null;
        return SpinWait.SpinUntil(
            () => (opened = LockedOrNull(file, options)) is not null,
            LockWaitMax
        )
            ? opened!
            : throw new IOException($"another process holds {file}");
    }

    static FileStream? LockedOrNull(string file, FileStreamOptions options)
    {
        try
        {
            return new FileStream(file, options);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
    }

    /// <summary>Replaces a file (0600) as a whole: a reader sees the old text or the new one.</summary>
    public static void WriteAtomically(string file, string text) =>
        Guarded(
            file,
            () =>
            {
                File.Move(WriteBeside(file, text), file, overwrite: true);
                return true;
            }
        );

    static string WriteBeside(string file, string text)
    {
        var beside = $"{file}.{Environment.ProcessId}.{Guid.CreateVersion7():N}";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnlyFile,
        };
        using var stream = new FileStream(beside, options);
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
        return beside;
    }

    string Folder(string name) => Made(System.IO.Path.Combine(Path, name));

    static string Made(string path) =>
        Guarded(path, () => Directory.CreateDirectory(path, OwnerOnlyFolder).FullName);

    static T Guarded<T>(string path, Func<T> touch)
    {
        try
        {
            return touch();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OperationFailedException(
                $"Sentinel cannot use {path}: {failure.Message.TrimEnd('.')}; "
                    + $"free space or set {Variable} to a directory that you may write.",
                failure
            );
        }
    }
}
