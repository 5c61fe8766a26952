namespace Sentinel.Postgres.Access;

/// <summary>What a person or a machine presents to say who it is; never printed, never stored.</summary>
public readonly record struct Secret(string Value)
{
    public override string ToString() => "(secret)";
}

public enum ActorKind
{
    Person,
    Machine,
}

/// <summary>Who is asking, as the database found it from the presented credential.</summary>
public sealed record Actor(
    Guid Id,
    ActorKind Kind,
    Guid OrganisationId,
    Guid CredentialId,
    Guid? OnBehalfOf
);
