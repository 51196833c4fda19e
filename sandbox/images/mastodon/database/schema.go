package database

// Migration is one change of the tables. Those marked Post are for after the
// deployment of their release: they take away what only older releases use.
type Migration struct {
	Version string
	Name    string
	Post    bool
	since   [2]int // the first release that has it
	sql     string
}

// migrations of all releases. A release older than a step's works on with all
// steps that are not Post, and breaks with those that are.
var migrations = []Migration{
	{Version: "20240918233930", Name: "CreateTables", since: [2]int{4, 3}, sql: `
		CREATE TABLE user_roles (
			id bigint PRIMARY KEY,
			name varchar NOT NULL,
			position integer NOT NULL,
			permissions bigint NOT NULL);
		CREATE UNIQUE INDEX index_user_roles_on_name ON user_roles (name);
		CREATE TABLE accounts (
			id bigint PRIMARY KEY,
			username varchar NOT NULL,
			created_at timestamptz NOT NULL);
		CREATE UNIQUE INDEX index_accounts_on_username ON accounts (lower(username));
		CREATE TABLE users (
			id bigint PRIMARY KEY,
			account_id bigint NOT NULL REFERENCES accounts (id),
			email varchar NOT NULL,
			encrypted_password varchar NOT NULL,
			otp_secret varchar NOT NULL,
			role_id bigint REFERENCES user_roles (id),
			confirmation_token varchar,
			confirmed_at timestamptz,
			approved boolean NOT NULL,
			disabled boolean NOT NULL DEFAULT false,
			remember_token varchar,
			created_at timestamptz NOT NULL);
		CREATE UNIQUE INDEX index_users_on_email ON users (lower(email));
		CREATE UNIQUE INDEX index_users_on_confirmation_token ON users (confirmation_token);
		CREATE TABLE settings (
			var varchar PRIMARY KEY,
			value varchar NOT NULL);
		CREATE TABLE oauth_applications (
			id bigint PRIMARY KEY,
			name varchar NOT NULL,
			uid varchar NOT NULL UNIQUE,
			secret varchar NOT NULL,
			redirect_uri text NOT NULL,
			scopes varchar NOT NULL,
			created_at timestamptz NOT NULL);
		CREATE TABLE oauth_access_tokens (
			id bigint PRIMARY KEY,
			token varchar NOT NULL UNIQUE,
			application_id bigint NOT NULL REFERENCES oauth_applications (id),
			resource_owner_id bigint REFERENCES users (id),
			scopes varchar NOT NULL,
			revoked_at timestamptz,
			created_at timestamptz NOT NULL);
		CREATE TABLE statuses (
			id bigint PRIMARY KEY,
			account_id bigint NOT NULL REFERENCES accounts (id),
			text text NOT NULL,
			visibility integer NOT NULL,
			ordered_media_attachment_ids bigint[] NOT NULL,
			local_only boolean NOT NULL DEFAULT false,
			created_at timestamptz NOT NULL);
		CREATE TABLE media_attachments (
			id bigint PRIMARY KEY,
			account_id bigint REFERENCES accounts (id),
			status_id bigint REFERENCES statuses (id),
			file_file_name varchar,
			file_content_type varchar,
			file_file_size bigint,
			file_path varchar,
			sha256 varchar,
			description text NOT NULL DEFAULT '',
			remote_url varchar NOT NULL DEFAULT '',
			created_at timestamptz NOT NULL);
		CREATE TABLE preview_cards (
			id bigint PRIMARY KEY,
			url varchar NOT NULL,
			image_path varchar,
			image_size bigint,
			updated_at timestamptz NOT NULL)`},
	{Version: "20240920090000", Name: "IndexStatusesByAccount", Post: true, since: [2]int{4, 3}, sql: `
		CREATE INDEX index_statuses_on_account_id ON statuses (account_id, id DESC)`},
	{Version: "20260112100000", Name: "AddQuoteApprovalPolicyToStatuses", since: [2]int{4, 6}, sql: `
		ALTER TABLE statuses ADD COLUMN quote_approval_policy integer NOT NULL DEFAULT 0`},
	{Version: "20260115100000", Name: "RemoveLocalOnlyFromStatuses", Post: true, since: [2]int{4, 6}, sql: `
		ALTER TABLE statuses DROP COLUMN local_only`},
	{Version: "20260520100000", Name: "AddAgeVerifiedAtToUsers", since: [2]int{4, 7}, sql: `
		ALTER TABLE users ADD COLUMN age_verified_at timestamptz`},
	{Version: "20260525100000", Name: "RemoveRememberTokenFromUsers", Post: true, since: [2]int{4, 7}, sql: `
		ALTER TABLE users DROP COLUMN remember_token`},
}

// statusColumn and userColumn are what the release reads and writes beyond what
// all releases share: there before its own post-deployment step and after it.
func (db *Database) statusColumn() (name, value string) {
	if db.release.AtLeast(4, 6) {
		return "quote_approval_policy", "0"
	}
	return "local_only", "false"
}

func (db *Database) userColumn() string {
	if db.release.AtLeast(4, 7) {
		return "age_verified_at"
	}
	return "remember_token"
}
