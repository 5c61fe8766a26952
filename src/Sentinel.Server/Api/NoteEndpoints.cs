using Sentinel.Psa.Notes;

namespace Sentinel.Server.Api;

/// <summary>What people put on a case. What is taken back leaves a tombstone, so nothing here deletes.</summary>
static class NoteEndpoints
{
    public static void MapNotes(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/comments",
            async (
                Guid id,
                CommentBody said,
                PresentedCredential by,
                CommentCase comment,
                CancellationToken c
            ) => (await comment.RunAsync(by.Secret, id, said.Body, said.Corrects, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/tags",
            async (
                Guid id,
                TagBody what,
                PresentedCredential by,
                TagCase tag,
                CancellationToken c
            ) => (await tag.RunAsync(by.Secret, id, what.Tag, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/tags/removal",
            async (
                Guid id,
                UntagBody what,
                PresentedCredential by,
                UntagCase untag,
                CancellationToken c
            ) => (await untag.RunAsync(by.Secret, id, what.Tag, what.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/watchers",
            async (
                Guid id,
                WatcherBody who,
                PresentedCredential by,
                WatchCase watch,
                CancellationToken c
            ) => (await watch.RunAsync(by.Secret, id, who.UserId, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/watchers/removal",
            async (
                Guid id,
                WatcherBody who,
                PresentedCredential by,
                UnwatchCase unwatch,
                CancellationToken c
            ) => (await unwatch.RunAsync(by.Secret, id, who.UserId, c)).ToHttp()
        );
    }
}

sealed record CommentBody(string Body, Guid? Corrects);

sealed record TagBody(string Tag);

sealed record UntagBody(string Tag, string Reason);

sealed record WatcherBody(Guid? UserId);
