using Microsoft.Playwright;

namespace Sentinel.IntegrationTests.Server;

/// <summary>Debian's Chromium, driven by Playwright. Everything it asks of another host is noted.</summary>
sealed class Browser : IAsyncDisposable
{
    const string Program = "/usr/bin/chromium";

    readonly IPlaywright playwright;
    readonly IBrowser browser;
    readonly string url;

    Browser(IPlaywright playwright, IBrowser browser, string url)
    {
        this.playwright = playwright;
        this.browser = browser;
        this.url = url;
    }

    /// <summary>Requests that would have left the machine.</summary>
    public List<string> Elsewhere { get; } = [];

    /// <summary>What the pages complained of, refusals of a policy and broken scripts among it.</summary>
    public List<string> Errors { get; } = [];

    public static async Task<Browser> StartAsync(string url)
    {
        Assert.SkipUnless(File.Exists(Program), $"the designer is tried in {Program}");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Program,
                Args = ["--no-sandbox", "--disable-dev-shm-usage"],
            }
        );
        return new Browser(playwright, browser, url);
    }

    /// <summary>A browser of somebody's own, signed in by the page that asks for it.</summary>
    public async Task<IPage> SignInAsync(string token, string path)
    {
        var context = await browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                BaseURL = url,
                ViewportSize = new ViewportSize { Width = 1500, Height = 950 },
            }
        );
        var page = await context.NewPageAsync();
        page.Request += (_, request) =>
        {
            if (
                !request.Url.StartsWith(url, StringComparison.Ordinal)
                && !request.Url.StartsWith("data:", StringComparison.Ordinal)
                && !request.Url.StartsWith("blob:", StringComparison.Ordinal)
            )
                Elsewhere.Add(request.Url);
        };
        page.PageError += (_, error) => Errors.Add(error);
        page.SetDefaultTimeout(60_000);
        Assertions.SetDefaultExpectTimeout(30_000);
        await page.GotoAsync(path);
        await page.FillAsync("#token", token);
        await page.ClickAsync("button.main");
        await page.WaitForSelectorAsync(".who");
        return page;
    }

    /// <summary>Kept below <c>.sentinel/screenshots</c>, for people to look at.</summary>
    public static Task ShootAsync(IPage page, string name)
    {
        var home = Environment.GetEnvironmentVariable("SENTINEL_HOME") ?? Path.GetTempPath();
        return page.ScreenshotAsync(
            new PageScreenshotOptions
            {
                Path = Path.Combine(home, ".sentinel", "screenshots", $"{name}.png"),
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
