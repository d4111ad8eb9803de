/**
 * Definitions of refiners' schemas, of the kinds that are in use.
 *
 * @module
 */

/** The SQL of each kind, by what is special about it. */
export const SCHEMAS: Readonly<Record<string, string>> = {
  "as SQLAlchemy writes it, in the order of the alphabet": `CREATE TABLE logins (
\tlogin_id INTEGER NOT NULL, 
\tperson_id VARCHAR NOT NULL, 
\tplatform VARCHAR NOT NULL, 
\tlogged_in_at DATETIME NOT NULL, 
\tPRIMARY KEY (login_id), 
\tFOREIGN KEY(person_id) REFERENCES people (person_id)
);

CREATE TABLE people (
\tperson_id VARCHAR NOT NULL, 
\temail VARCHAR NOT NULL, 
\tfull_name VARCHAR NOT NULL, 
\tlocale VARCHAR NOT NULL, 
\tpercent_used FLOAT NOT NULL, 
\tcreated_at DATETIME NOT NULL, 
\tPRIMARY KEY (person_id), 
\tUNIQUE (email)
);`,
  "by hand, with brackets and defaults": `CREATE TABLE IF NOT EXISTS "entries"
(
    [id] INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    [user_hash] VARCHAR NOT NULL,
    [written] DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    [entryId] VARCHAR NOT NULL UNIQUE,
    [mood] VARCHAR,
    [consent] BOOLEAN DEFAULT FALSE,
    [symptoms] JSON DEFAULT '[]',
    [pain_level] REAL
);
CREATE TABLE sqlite_sequence(name,seq);`,
  "with indexes and a unique foreign key": `CREATE TABLE listeners (
\tid_hash VARCHAR NOT NULL, 
\tcountry VARCHAR, 
\tPRIMARY KEY (id_hash)
);
CREATE TABLE statistics (
\tid INTEGER NOT NULL, 
\tlistener VARCHAR NOT NULL, 
\ttotal_minutes INTEGER NOT NULL, 
\tgenres JSON, 
\tPRIMARY KEY (id), 
\tFOREIGN KEY(listener) REFERENCES listeners (id_hash)
);
CREATE UNIQUE INDEX ix_statistics_listener ON statistics (listener);
CREATE INDEX ix_statistics_minutes ON statistics (total_minutes);`,
  "with quoted names and blobs": `CREATE TABLE "ChatMessages" (
\t"MessageID" VARCHAR NOT NULL, 
\t"ChatID" VARCHAR NOT NULL, 
\t"SentAt" DATETIME NOT NULL, 
\t"Content" TEXT, 
\t"Attachment" BLOB, 
\t"order" INTEGER, 
\tPRIMARY KEY ("MessageID"), 
\tFOREIGN KEY("ChatID") REFERENCES "Chats" ("ChatID")
);
CREATE TABLE "Chats" ("ChatID" VARCHAR NOT NULL, "MessageCount" INTEGER NOT NULL, PRIMARY KEY ("ChatID"));`,
  "of answers to a questionnaire": `CREATE TABLE answers (
\tid VARCHAR NOT NULL, 
\tcreated_at DATETIME NOT NULL, 
${["calm", "alert", "proud", "tense"].map((name) => `\t${name} INTEGER NOT NULL, `).join("\n")}
\tbest_thing VARCHAR(50) NOT NULL, 
\tgender_identity VARCHAR NOT NULL, 
\tPRIMARY KEY (id)
);`,
  "with checks": `CREATE TABLE recordings (
  id INTEGER PRIMARY KEY,
  age INTEGER CHECK (age BETWEEN 18 AND 99),
  state VARCHAR(10) NOT NULL CHECK (state IN ('new', 'heard', 'deleted')),
  share NUMERIC(5, 2) NOT NULL CHECK (share >= 0 AND share <= 100),
  sha256 CHAR(64) NOT NULL CHECK (length(sha256) = 64),
  email TEXT CHECK (email LIKE '%@%.%'),
  code TEXT NOT NULL CHECK (code GLOB '[A-Z][A-Z]-[0-9]*'),
  meta JSON CHECK (json_valid(meta)),
  low INTEGER NOT NULL,
  high INTEGER NOT NULL,
  sound BLOB,
  CONSTRAINT ordered CHECK (low < high)
);`,
  "of fifteen tables": Array.from(
    { length: 15 },
    (_, at) =>
      `CREATE TABLE part_${at} (id INTEGER NOT NULL, ${
        at === 14 ? "" : `next_id INTEGER NOT NULL REFERENCES part_${at + 1} (id), `
      }is_done BOOLEAN NOT NULL, details JSON, PRIMARY KEY (id));`,
  ).join("\n\n"),
  "of tables that reference each other and themselves": `CREATE TABLE teams (
  id INTEGER PRIMARY KEY, captain_id INTEGER NOT NULL REFERENCES players (id), name TEXT NOT NULL
);
CREATE TABLE players (
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams (id),
  rival_id INTEGER REFERENCES players (id),
  mentor_id INTEGER NOT NULL REFERENCES players (id)
);`,
  "with keys of several columns": `CREATE TABLE shops (
  region TEXT, number INTEGER, PRIMARY KEY (region, number)
) WITHOUT ROWID;
CREATE TABLE sales (
  id INTEGER PRIMARY KEY, region TEXT NOT NULL, shop INTEGER NOT NULL, amount NUMERIC(8, 2) NOT NULL,
  FOREIGN KEY (region, shop) REFERENCES shops (region, number)
);
CREATE TABLE visits (
  region TEXT, shop INTEGER, visitor TEXT, PRIMARY KEY (region, shop, visitor),
  FOREIGN KEY (region, shop) REFERENCES shops
);`,
  "strict, with computed columns and a view": `CREATE TABLE items (
  id INTEGER PRIMARY KEY, price REAL NOT NULL, amount INT NOT NULL, label TEXT, raw BLOB, extra ANY,
  total REAL GENERATED ALWAYS AS (price * amount) STORED,
  upper_label TEXT AS (upper(label))
) STRICT;
CREATE VIEW expensive AS SELECT id, total FROM items WHERE total > 100;`,
  "with a table results": `CREATE TABLE results (id INTEGER PRIMARY KEY, score INTEGER, note TEXT);
CREATE TABLE notes (result_id INTEGER NOT NULL REFERENCES results (id), note TEXT);`,
};

/** A definition's file. */
export function definitionOf(schema: string, about: Record<string, unknown> = {}): string {
  return JSON.stringify({ name: "Example", version: "0.0.1", dialect: "sqlite", schema, ...about });
}
