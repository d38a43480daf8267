DROP TABLE users.messages;
DROP TABLE users.conversations;
DROP TABLE users.connections;
DROP TABLE users.verifications;
DROP TABLE users.profiles;
DROP SCHEMA users;
