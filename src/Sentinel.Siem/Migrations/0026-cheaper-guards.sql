-- What may never change is compared in place (access/0006), in every table of this schema.
CALL access.guard_columns('siem');
