package settings

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"homeport/sandbox/mastodon/release"
)

var current = release.Release{Major: 4, Minor: 7, Patch: 4}

func pair(t *testing.T) (private, public string) {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.URLEncoding.EncodeToString(key.Bytes()),
		base64.URLEncoding.EncodeToString(key.PublicKey().Bytes())
}

func complete(t *testing.T) map[string]string {
	t.Helper()
	private, public := pair(t)
	return map[string]string{
		"LOCAL_DOMAIN": "social.test", "SECRET_KEY_BASE": "b", "VAPID_PRIVATE_KEY": private,
		"VAPID_PUBLIC_KEY":                     public,
		"ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY": "p", "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY": "d",
		"ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT": "s", "DB_PASS": "secret", "REDIS_PASSWORD": "hidden",
	}
}

func read(values map[string]string, version release.Release) (Settings, error) {
	return Read(func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}, version)
}

func TestDefaultsAreMastodons(t *testing.T) {
	values := complete(t)
	got, err := read(values, current)
	if err != nil {
		t.Fatal(err)
	}
	if got.WebDomain != "social.test" || got.StreamingURL != "wss://social.test" ||
		got.Listen != "127.0.0.1:3000" ||
		got.Postgres != (Postgres{"localhost", 5432, "mastodon_production", "mastodon", "secret", "prefer"}) ||
		got.Redis != "redis://:hidden@localhost:6379/0" || got.ServeFiles || got.Concurrency != 5 ||
		got.Workers != 2 {
		t.Errorf("%+v", got)
	}
	want := Mail{
		Server: "localhost", Port: 25, Auth: "plain", Domain: "social.test", From: "notifications@localhost",
		StartTLS: "auto", Verify: true,
	}
	if got.Mail != want {
		t.Errorf("%+v", got.Mail)
	}
}

func TestEachRequiredSettingIsNamedWhenItIsMissing(t *testing.T) {
	for _, name := range []string{
		"LOCAL_DOMAIN", "SECRET_KEY_BASE", "VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY",
		"ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY",
		"ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY", "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT",
	} {
		values := complete(t)
		values[name] = ""
		if _, err := read(values, current); err == nil || err.Error() != name+" is not set" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheOTPSecretIsRequiredOnlyBefore44(t *testing.T) {
	if _, err := read(complete(t), release.Release{Major: 4, Minor: 3}); err == nil ||
		err.Error() != "OTP_SECRET is not set" {
		t.Error(err)
	}
	if _, err := read(complete(t), release.Release{Major: 4, Minor: 4}); err != nil {
		t.Error(err)
	}
}

func TestWrongSettingsAreNamedWithoutSecrets(t *testing.T) {
	for name, value := range map[string]string{
		"LOCAL_DOMAIN": "https://social.test", "WEB_DOMAIN": "a/b", "DB_PORT": "x", "DB_SSLMODE": "maybe",
		"REDIS_PORT": "0",
		"REDIS_URL":  "http://:hidden@x", "SMTP_PORT": "70000", "SMTP_AUTH_METHOD": "gssapi",
		"SMTP_ENABLE_STARTTLS":     "true",
		"SMTP_OPENSSL_VERIFY_MODE": "some", "SMTP_FROM_ADDRESS": "nobody", "SMTP_DELIVERY_METHOD": "sendmail",
		"S3_ENABLED": "true", "ES_ENABLED": "true", "SAML_ENABLED": "true",
		"DATABASE_URL":    "postgres://u:secret@h/d",
		"REDIS_NAMESPACE": "m", "WEB_CONCURRENCY": "-1", "MAX_THREADS": "0", "SIDEKIQ_CONCURRENCY": "many",
		"RAILS_ENV": "development", "MASTODON_SIDEKIQ_READY_FILENAME": "../ready", "CDN_HOST": "https://cdn",
	} {
		values := complete(t)
		values[name] = value
		_, err := read(values, current)
		if err == nil || !strings.Contains(err.Error(), name+" ") {
			t.Errorf("%s=%s: %v", name, value, err)
		} else if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: the message holds a password: %v", name, err)
		}
	}
}

func TestWhatIsSwitchedOffIsNotRefused(t *testing.T) {
	values := complete(t)
	for _, name := range []string{"S3_ENABLED", "ES_ENABLED", "OIDC_ENABLED"} {
		values[name] = "false"
	}
	if _, err := read(values, current); err != nil {
		t.Fatal(err)
	}
}

func TestAPasswordSurvivesItsQuoting(t *testing.T) {
	values := complete(t)
	values["DB_PASS"], values["REDIS_PASSWORD"] = `it's \ "x"`, "a/b@c:d"
	got, err := read(values, current)
	if err != nil {
		t.Fatal(err)
	}
	if dsn := got.Postgres.DSN("m"); !strings.Contains(dsn, `password='it\'s \\ "x"'`) {
		t.Error(dsn)
	}
	if got.Redis != "redis://:a%2Fb%40c%3Ad@localhost:6379/0" {
		t.Error(got.Redis)
	}
}

func TestAKeyPairIsTakenWithAndWithoutPadding(t *testing.T) {
	private, public := pair(t)
	for _, trim := range []string{"", "="} {
		if err := checkVAPID(strings.TrimRight(private, trim), strings.TrimRight(public, trim)); err != nil {
			t.Errorf("%q: %v", trim, err)
		}
	}
}

func TestAKeyOfAnotherPairIsRefused(t *testing.T) {
	private, public := pair(t)
	_, other := pair(t)
	for want, keys := range map[string][2]string{
		"VAPID_PUBLIC_KEY does not belong to VAPID_PRIVATE_KEY": {private, other},
		"VAPID_PRIVATE_KEY is no private key on P-256":          {public, public},
		"VAPID_PUBLIC_KEY is no point on P-256":                 {private, private},
		"VAPID_PRIVATE_KEY is not URL-safe base64":              {"+/+/", public},
		"VAPID_PUBLIC_KEY is not URL-safe base64":               {private, "+/+/"},
	} {
		if err := checkVAPID(keys[0], keys[1]); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func TestTheStreamingProcessNeedsNoOtherSecrets(t *testing.T) {
	got, err := ReadStreaming(func(name string) (string, bool) {
		return map[string]string{"DB_HOST": "db"}[name], true
	})
	if err != nil || got.Postgres.Host != "db" || got.Listen != "127.0.0.1:4000" || got.Connections != 10 {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestMetricsGoToACollectorFrom44OnWhereTheyAreEnabled(t *testing.T) {
	values := complete(t)
	values["PROMETHEUS_EXPORTER_HOST"] = "collector"
	values["OTP_SECRET"] = "o"
	if got, err := read(values, current); err != nil || got.Collector != "" {
		t.Error(got.Collector, err)
	}
	values["MASTODON_PROMETHEUS_EXPORTER_ENABLED"] = "true"
	if got, err := read(values, current); err != nil || got.Collector != "collector:9394" {
		t.Error(got.Collector, err)
	}
	if got, err := read(values, release.Release{Major: 4, Minor: 3}); err != nil || got.Collector != "" {
		t.Error(got.Collector, err)
	}
	values["MASTODON_PROMETHEUS_EXPORTER_LOCAL"] = "true"
	if _, err := read(values, current); err == nil {
		t.Error("a page of its own is not there and not refused")
	}
}
