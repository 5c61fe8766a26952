using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sentinel.IntegrationTests.Psa;
using Sentinel.IntegrationTests.Workflows;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Organisations;
using Sentinel.Server.Studio;
using Sentinel.Workflows.Publication;
using static Microsoft.Playwright.Assertions;

namespace Sentinel.IntegrationTests.Server;

/// <summary>Elsa Studio in a real browser, on our server, under our sign-in.</summary>
public class DesignerTests
{
    [Fact]
    public async Task A_workflow_is_drawn_refused_published_by_another_run_and_watched()
    {
        Assert.SkipWhen(StudioFiles.Folder() is null, "Elsa Studio needs npm at build");
        await using var server = await RunningServer.StartAsync(withPolicies: true);
        var office = await Office.FoundAsync(server.Database, "Harbour");
        var caseId = await office.CaseAsync();
        var dee = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        var eve = await office.HireAsync("eve", RoleSeeds.ProcessOwner, RoleSeeds.IncidentManager);
        await using var browser = await Browser.StartAsync(server.Url);

        var drawing = await browser.SignInAsync(dee.Token.Value, "/studio");
        await DrawAsync(drawing);
        await PublishAsync(drawing);
        await Expect(drawing.Locator(".refusal")).ToContainTextAsync("it takes a second person");
        await Browser.ShootAsync(drawing, "designer-refused");
        Assert.Equal(0L, await CountAsync(server, "workflow.workflow_publications"));

        var other = await browser.SignInAsync(eve.Token.Value, "/studio/reset_a_password/versions");
        await Expect(other.GetByText("activity CreateTask1, taskType")).ToBeVisibleAsync();
        await Browser.ShootAsync(other, "versions");
        await other.ClickAsync("article button.main");
        await Expect(other.Locator("h1")).ToContainTextAsync("is in force");

        await other.GotoAsync("/studio/reset_a_password/edit?case=INC-1");
        await other.WaitForSelectorAsync(".x6-node");
        await SettleAsync(other);
        await other.Locator("button.mud-success-text").First.ClickAsync();
        await other.WaitForURLAsync("**/studio/runs/**");
        await other.WaitForSelectorAsync(".x6-node");
        await Expect(other.GetByText("Create task - Completed")).ToBeVisibleAsync();
        await Browser.ShootAsync(other, "run");

        Assert.Contains(
            (await office.StoryAsync(caseId)).Tasks,
            task => task is { TaskType: "containment", Description: "Set a new password" }
        );
        Assert.Empty(browser.Elsewhere);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task What_Studio_does_not_know_survives_an_edit_in_Studio()
    {
        Assert.SkipWhen(StudioFiles.Folder() is null, "Elsa Studio needs npm at build");
        await using var server = await RunningServer.StartAsync();
        var office = await Office.FoundAsync(server.Database, "Harbour");
        var dee = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        var stored = Strange();
        var published = await new PublishWorkflow(
            office.Database.Sentinel,
            CaseActivities.Catalogue(TimeProvider.System),
            TimeProvider.System
        ).RunAsync(dee.Token, stored, default);
        Assert.IsType<PublishOutcome.Proposed>(published);
        await using var browser = await Browser.StartAsync(server.Url);

        var page = await browser.SignInAsync(dee.Token.Value, "/studio/contain_account/edit");
        await page.WaitForSelectorAsync(".x6-node");
        await SettleAsync(page);
        // Saved as it is, it is no draft.
        await SaveAsync(page);
        Assert.Equal(0L, await CountAsync(server, "workflow.workflow_drafts"));
        var name = page.GetByRole(
            AriaRole.Textbox,
            new PageGetByRoleOptions { Name = "Name" }
        ).First;
        // Studio may load its drawing anew meanwhile, and then forgets what was just typed.
        var drawn = "";
        for (
            var attempt = 0;
            attempt < 10 && !drawn.Contains("Contain it", StringComparison.Ordinal);
            attempt++
        )
        {
            await name.FillAsync("Contain it");
            await name.BlurAsync();
            await SettleAsync(page);
            await SaveAsync(page);
            drawn = await server.Database.AskAsSuperuserAsync<string>(
                "SELECT coalesce(max(json), '') FROM workflow.workflow_drafts"
            );
        }

        Assert.Equal(
            WithoutLayout(stored.Replace("\"Contain an account\"", "\"Contain it\"")),
            WithoutLayout(drawn)
        );
        Assert.Contains("""{"b" : 1.50,  "a":"\u00e9"}""", drawn, StringComparison.Ordinal);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task What_stands_in_a_loop_or_a_choice_is_drawn_and_survives()
    {
        Assert.SkipWhen(StudioFiles.Folder() is null, "Elsa Studio needs npm at build");
        await using var server = await RunningServer.StartAsync();
        var office = await Office.FoundAsync(server.Database, "Harbour");
        var dee = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        const string looped = """
            {"definitionId":"looped","name":"looped","root":{"id":"flow","type":"Elsa.Flowchart","activities":[
              {"id":"each","type":"Elsa.ForEach","items":{"typeName":"Object","expression":{"type":"JavaScript","value":"['a','b']"}},
               "body":{"id":"choose","type":"Elsa.If","ours":[1,  2],
                 "condition":{"typeName":"Boolean","expression":{"type":"JavaScript","value":"getCurrentValue() === 'a'"}},
                 "then":{"id":"inside","type":"Elsa.Break","ours":{"b" : 1.50}}},
               "metadata":{"designer":{"position":{"x":100,"y":100}}}}],"connections":[]}}
            """;
        Assert.IsType<PublishOutcome.Proposed>(
            await new PublishWorkflow(
                office.Database.Sentinel,
                CaseActivities.Catalogue(TimeProvider.System),
                TimeProvider.System
            ).RunAsync(dee.Token, looped, default)
        );
        await using var browser = await Browser.StartAsync(server.Url);

        var page = await browser.SignInAsync(dee.Token.Value, "/studio/looped/edit");
        await page.WaitForSelectorAsync(".x6-node");
        await SettleAsync(page);
        await Browser.ShootAsync(page, "designer-loop");
        Assert.Contains("Body", await page.TextContentAsync(".x6-node"), StringComparison.Ordinal);
        await SaveAsync(page);

        var drawn = await server.Database.AskAsSuperuserAsync<string>(
            "SELECT json FROM workflow.workflow_drafts"
        );
        Assert.True(JsonNode.DeepEquals(Body(looped), Body(drawn)), drawn);
        Assert.Contains("[1,  2]", drawn, StringComparison.Ordinal);
        Assert.Contains("""{"b" : 1.50}""", drawn, StringComparison.Ordinal);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task An_event_that_is_drawn_starts_the_workflow_unless_somebody_says_otherwise()
    {
        Assert.SkipWhen(StudioFiles.Folder() is null, "Elsa Studio needs npm at build");
        await using var server = await RunningServer.StartAsync();
        var office = await Office.FoundAsync(server.Database, "Harbour");
        var dee = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        await using var browser = await Browser.StartAsync(server.Url);
        var page = await browser.SignInAsync(dee.Token.Value, "/studio");

        await PlaceAsync(page, "When it happens", "Flow", "Event");
        await EnterAsync(page, "Event name", "input", "confirmed");
        await page.GetByText("Common", new PageGetByTextOptions { Exact = true })
            .First.ClickAsync();
        await SettleAsync(page);
        await SaveAsync(page);
        Assert.True(await StartsAsync(server));
        var mark = page.GetByText("Trigger workflow");
        await mark.ScrollIntoViewIfNeededAsync();
        await Browser.ShootAsync(page, "designer-trigger");
        await mark.ClickAsync();
        await SettleAsync(page);
        await SaveAsync(page);
        Assert.False(await StartsAsync(server));
        Assert.Empty(browser.Errors);
    }

    static async Task<bool> StartsAsync(RunningServer server)
    {
        var drawn = await server.Database.AskAsSuperuserAsync<string>(
            "SELECT json FROM workflow.workflow_drafts"
        );
        return JsonNode.Parse(drawn)!["root"]!["activities"]!
                .AsArray()
                .Single(activity => (string?)activity!["type"] == "Elsa.Event")!["customProperties"]
                ?["canStartWorkflow"]
                is JsonValue marked
            && marked.GetValue<bool>();
    }

    static async Task DrawAsync(IPage page)
    {
        var task = await PlaceAsync(page, "Reset a password", "Case", "Create task");
        // The activity's fields stand before the workflow's own.
        await EnterAsync(page, "Task type", "input", "containment");
        await EnterAsync(page, "Description", "textarea", "Set a new password");
        await ConnectAsync(
            page,
            page.Locator("[data-cell-id='start'] [port='Done']"),
            task.Locator("[port='In']")
        );
        await Expect(page.Locator(".x6-edge")).ToHaveCountAsync(1);
        await SaveAsync(page);
        await Browser.ShootAsync(page, "designer");
    }

    /// <summary>A new drawing with one activity, which is chosen: its fields are shown.</summary>
    static async Task<ILocator> PlaceAsync(
        IPage page,
        string name,
        string category,
        string activity
    )
    {
        await page.FillAsync("#name", name);
        await page.ClickAsync("main button.main");
        await page.WaitForSelectorAsync(".x6-node");
        await SettleAsync(page);
        await page.GetByText(category, new PageGetByTextOptions { Exact = true }).ClickAsync();
        await SettleAsync(page);
        var placed = page.Locator(".x6-node[data-cell-id]").Nth(1);
        await DropAsync(page, page.Locator($"[data-activity='{activity}']"), placed);
        await SettleAsync(page);
        var box = await placed.BoundingBoxAsync();
        await page.Mouse.ClickAsync(box!.X + box.Width / 2, box.Y + box.Height / 2);
        return placed;
    }

    /// <summary>Studio loads a drawing more than once at its start, and its panels move: until both are over.</summary>
    static async Task SettleAsync(IPage page)
    {
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.WaitForTimeoutAsync(1_500);
    }

    static async Task EnterAsync(IPage page, string label, string kind, string text)
    {
        var field = page.Locator(
            $".mud-input-control:has(label:text('{label}')) {kind}:visible"
        ).First;
        await field.FillAsync(text);
        await field.BlurAsync();
        await SettleAsync(page);
    }

    /// <summary>Studio hears of the drag in WebAssembly, later than the mouse moves: what fell beside is dropped again.</summary>
    static async Task DropAsync(IPage page, ILocator item, ILocator dropped)
    {
        for (var attempt = 0; await dropped.CountAsync() == 0 && attempt < 10; attempt++)
        {
            await item.DragToAsync(
                page.Locator(".x6-graph").First,
                new LocatorDragToOptions
                {
                    TargetPosition = new() { X = 500, Y = 220 },
                }
            );
            await page.WaitForTimeoutAsync(1_000);
        }
        await Expect(dropped).ToBeVisibleAsync();
    }

    static async Task ConnectAsync(IPage page, ILocator from, ILocator to)
    {
        var (start, end) = (await from.BoundingBoxAsync(), await to.BoundingBoxAsync());
        await page.Mouse.MoveAsync(start!.X + start.Width / 2, start.Y + start.Height / 2);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(
            end!.X + end.Width / 2,
            end.Y + end.Height / 2,
            new MouseMoveOptions { Steps = 12 }
        );
        await page.Mouse.UpAsync();
    }

    static Task SaveAsync(IPage page) =>
        page.RunAndWaitForResponseAsync(
            () => page.Locator(".elsa-toolbar-icon button").First.ClickAsync(),
            answer =>
                answer.Request.Method == "POST"
                && answer.Url.EndsWith("/workflow-definitions", StringComparison.Ordinal)
                && answer.Ok
        );

    static Task PublishAsync(IPage page) =>
        page.Locator("button.mud-primary-text:has(path[d*='M19.35 10.04'])").First.ClickAsync();

    static Task<long> CountAsync(RunningServer server, string table) =>
        server.Database.AskAsSuperuserAsync<long>($"SELECT count(*) FROM {table}");

    static JsonNode? Body(string json) => JsonNode.Parse(json)!["root"]!["activities"]![0]!["body"];

    static string WithoutLayout(string json)
    {
        var definition = JsonNode.Parse(json)!;
        foreach (var activity in definition["root"]!["activities"]!.AsArray())
            activity!["metadata"]!.AsObject().Remove("designer");
        return definition.ToJsonString();
    }

    /// <summary>The shipped workflow with members at every place that no editor knows.</summary>
    static string Strange()
    {
        const string strange = """{"b" : 1.50,  "a":"\u00e9"}""";
        var definition = ContainAccountTests.Shipped();
        var root = definition["root"]!;
        foreach (
            var holder in new[]
            {
                definition,
                root,
                definition["variables"]![0]!,
                definition["inputs"]![0]!,
                root["activities"]![1]!,
                root["activities"]![1]!["metadata"]!,
                root["connections"]![0]!,
            }
        )
            holder["x-strange"] = "here";
        return Sentinel.Workflows.Text.CanonicalDefinition.Write(
            definition.ToJsonString().Replace("\"here\"", strange, StringComparison.Ordinal),
            null,
            CaseActivities.Catalogue(TimeProvider.System).Descriptions
        );
    }
}
