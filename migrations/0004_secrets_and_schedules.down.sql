DROP TABLE leadership;
DROP TABLE schedules;
DROP TABLE secrets;
