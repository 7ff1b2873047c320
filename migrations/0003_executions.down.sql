DROP TABLE execution_keys;
DROP TABLE execution_history;
DROP TABLE workflow_executions;
DROP TABLE workflows;
DROP TYPE control_action;
DROP TYPE wake_reason;
DROP TYPE execution_status;
