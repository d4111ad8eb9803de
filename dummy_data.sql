-- Dummy data for `deno task dev`: a refiner's schema, some rows, and the query whose answer your job
-- gets. `deno task engine` answers queries on the same tables.
--
-- 1. Replace these tables with those of your refiner's schema.

CREATE TABLE users (
  user_id TEXT PRIMARY KEY,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  locale TEXT NOT NULL,
  created_at TEXT NOT NULL -- ISO 8601, UTC
);

-- 2. Replace these rows with some that look like real ones, odd ones included.

INSERT INTO users (user_id, email, name, locale, created_at) VALUES
  ('u-001', 'ana.souza@example.com',    'Ana Souza',           'pt-BR', '2025-01-04T08:12:45Z'),
  ('u-002', 'bjoern@example.org',       'Björn Håkansson',     'sv-SE', '2025-01-19T17:03:11Z'),
  ('u-003', 'chidi@example.net',        'Chídì Òkónkwò',       'en-NG', '2025-02-02T06:41:00Z'),
  ('u-004', 'daria@example.com',        'Дарья Ковалёва',      'uk-UA', '2025-02-27T21:55:38Z'),
  ('u-005', 'eun-ji.park@example.com',  '박은지',              'ko-KR', '2025-03-15T01:20:09Z'),
  ('u-006', 'fatima@example.org',       'فاطمة الزهراء',       'ar-MA', '2025-03-30T12:00:00Z'),
  ('u-007', 'grace.oconnor@example.ie', 'Grace O''Connor',     'en-IE', '2025-04-11T09:37:52Z'),
  ('u-008', 'hiroshi@example.jp',       '田中 宏',             'ja-JP', '2025-05-06T23:48:17Z'),
  ('u-009', 'ines@example.fr',          'Inès Lefèvre',        'fr-FR', '2025-06-21T14:26:33Z'),
  ('u-010', 'jonas@example.de',         'Jonas Müller',        'de-DE', '2025-07-08T10:15:20Z');

-- 3. Replace this query with your own, after CREATE TABLE results AS. In production the Query Engine
--    runs it, and your job gets the table `results` and no other.

CREATE TABLE results AS
SELECT user_id, locale FROM users;
