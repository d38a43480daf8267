DROP TABLE auth.login_attempts;
DROP TABLE auth.recovery_codes;
DROP TABLE auth.password_resets;
DROP TABLE auth.sessions;
DROP TABLE auth.users;
DROP SCHEMA auth;
