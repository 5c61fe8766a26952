using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Sentinel.Server.Studio;

/// <summary>
/// Elsa Studio as npm delivers it, pinned by <c>package-lock.json</c> and fetched by the build. Only its
/// program is served, never its own page, which would load fonts from elsewhere.
/// </summary>
static class StudioFiles
{
    const string Variable = "SENTINEL_STUDIO";

    static readonly string[] served =
    [
        "/_framework",
        "/_content",
        "/Elsa.Studio.Host.CustomElements.styles.css",
        "/appsettings.json",
    ];

    static readonly (string Name, string Type)[] own =
    [
        ("sentinel.css", "text/css; charset=utf-8"),
        ("sentinel.js", "text/javascript; charset=utf-8"),
    ];

    static readonly (string Encoding, string Ending)[] compressed =
    [
        ("br", ".br"),
        ("gzip", ".gz"),
    ];

    static readonly FileExtensionContentTypeProvider types = new()
    {
        Mappings = { [".dat"] = "application/octet-stream" },
    };

    /// <summary>What <c>SENTINEL_STUDIO</c> names, else beside the build's output; null where there is none.</summary>
    public static string? Folder()
    {
        var folder =
            Environment.GetEnvironmentVariable(Variable)
            ?? Path.GetFullPath(
                Path.Combine(
                    AppContext.BaseDirectory,
                    "../../../studio/node_modules/@elsa-workflows/elsa-studio-wasm"
                )
            );
        return Directory.Exists(Path.Combine(folder, "_framework")) ? folder : null;
    }

    /// <summary>Our own style and script, and Studio below them: nothing in them is anybody's secret.</summary>
    public static void UseStudioFiles(this WebApplication app, string under)
    {
        foreach (var (name, type) in own)
            app.Map(
                $"{under}/{name}",
                ours =>
                    ours.Run(async context =>
                    {
                        context.Response.ContentType = type;
                        context.Response.Headers.CacheControl = "no-cache";
                        await using var content =
                            typeof(StudioFiles).Assembly.GetManifestResourceStream(
                                $"studio/{name}"
                            )!;
                        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
                    })
            );
        if (Folder() is not { } folder)
            return;
        var files = new PhysicalFileProvider(folder);
        app.UseWhen(
            context =>
                context.Request.Path.StartsWithSegments(under, out var rest)
                && served.Any(one => rest.StartsWithSegments(one)),
            studio =>
            {
                studio.Use(
                    (context, next) =>
                    {
                        TakeCompressed(context, files, under);
                        return next(context);
                    }
                );
                studio.UseStaticFiles(
                    new StaticFileOptions
                    {
                        RequestPath = under,
                        FileProvider = files,
                        ContentTypeProvider = types,
                        ServeUnknownFileTypes = true,
                        OnPrepareResponse = Prepare,
                    }
                );
            }
        );
    }

    static void TakeCompressed(HttpContext context, PhysicalFileProvider files, string under)
    {
        context.Request.Path.StartsWithSegments(under, out var rest);
        var accepted = context.Request.Headers.AcceptEncoding.ToString();
        foreach (var (encoding, ending) in compressed)
            if (
                accepted.Contains(encoding, StringComparison.Ordinal)
                && files.GetFileInfo(rest + ending).Exists
            )
            {
                context.Items[Variable] = (encoding, Path.GetExtension(rest.Value!));
                context.Request.Path += ending;
                return;
            }
    }

    static void Prepare(StaticFileResponseContext file)
    {
        var headers = file.Context.Response.Headers;
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-cache";
        if (file.Context.Items[Variable] is not (string encoding, string ending))
            return;
        headers.ContentEncoding = encoding;
        headers.ContentType = types.Mappings.TryGetValue(ending, out var type)
            ? type
            : "application/octet-stream";
    }
}
