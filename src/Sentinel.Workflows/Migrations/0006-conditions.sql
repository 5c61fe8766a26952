-- Where something is waited for that nobody says, somebody has to look: which organisations that concerns.
GRANT SELECT (name) ON workflow.workflow_bookmarks TO jobs;
