DROP TABLE communications.notifications;
DROP TABLE communications.email_sends;
DROP TABLE communications.email_campaigns;
DROP TABLE communications.email_templates;
DROP SCHEMA communications;
