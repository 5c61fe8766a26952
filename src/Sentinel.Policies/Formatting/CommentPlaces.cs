using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Formatting;

/// <summary>Which token each comment stands before or behind, and where the author left a line free.</summary>
sealed class CommentPlaces
{
    static readonly IReadOnlyList<Comment> none = [];

    readonly Dictionary<int, List<Comment>> before = [];
    readonly Dictionary<int, Comment> behind = [];
    readonly HashSet<int> afterBlankLine = [];

    public CommentPlaces(IReadOnlyList<Token> tokens, IReadOnlyList<Comment> comments)
    {
        var (lastLine, comment) = (0, 0);
        for (var i = 0; i <= tokens.Count; i++)
        {
            var offset = i < tokens.Count ? tokens[i].Place.Offset : int.MaxValue;
            for (; comment < comments.Count && comments[comment].Place.Offset < offset; comment++)
            {
                Place(comments[comment], i > 0 ? tokens[i - 1] : null, offset);
                Note(comments[comment].Place, ref lastLine);
            }
            if (i < tokens.Count)
                Note(tokens[i].Place, ref lastLine);
        }
    }

    public IReadOnlyList<Comment> AtEnd => Before(int.MaxValue);

    public IReadOnlyList<Comment> Before(Token token) => Before(token.Place.Offset);

    public Comment? Behind(Token token) => behind.GetValueOrDefault(token.Place.Offset);

    public bool IsAfterBlankLine(TextPlace place) => afterBlankLine.Contains(place.Offset);

    /// <summary>A comment stands between the two: they cannot share a line.</summary>
    public bool Part(Token one, Token other) =>
        behind.ContainsKey(one.Place.Offset) || before.ContainsKey(other.Place.Offset);

    IReadOnlyList<Comment> Before(int offset) =>
        before.TryGetValue(offset, out var comments) ? comments : none;

    void Place(Comment comment, Token? previous, int nextOffset)
    {
        if (!comment.OwnLine && previous is not null)
            behind[previous.Place.Offset] = comment;
        else if (before.TryGetValue(nextOffset, out var comments))
            comments.Add(comment);
        else
            before[nextOffset] = [comment];
    }

    void Note(TextPlace place, ref int lastLine)
    {
        if (place.Line - lastLine > 1)
            afterBlankLine.Add(place.Offset);
        lastLine = place.Line;
    }
}
