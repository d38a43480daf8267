DROP TABLE documents.signature_events;
DROP TABLE documents.signatures;
DROP TABLE documents.document_shares;
DROP TABLE documents.documents;
DROP SCHEMA documents;
