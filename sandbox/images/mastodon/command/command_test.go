package command

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func read(t *testing.T, line string) (arguments, error) {
	t.Helper()
	found, rest, err := find(strings.Fields(line))
	if err != nil {
		t.Fatal(err)
	}
	return parse(rest, found.flags)
}

func TestFlagsStandAnywhereAndInBothForms(t *testing.T) {
	for _, line := range []string{
		"accounts create alice --email a@b.test --confirmed --role Owner",
		"accounts create --confirmed --role=Owner --email=a@b.test alice",
	} {
		given, err := read(t, line)
		if err != nil {
			t.Fatal(err)
		}
		if len(given.words) != 1 || given.words[0] != "alice" || given.values["email"] != "a@b.test" ||
			given.values["role"] != "Owner" || !given.switches["confirmed"] || given.switches["approve"] {
			t.Errorf("%s: %+v", line, given)
		}
	}
}

func TestUnderscoresAndDashesAreTheSame(t *testing.T) {
	for _, line := range []string{"accounts modify a --reset-password", "accounts modify a --reset_password"} {
		if given, err := read(t, line); err != nil || !given.switches["reset-password"] {
			t.Errorf("%s: %+v %v", line, given, err)
		}
	}
	for _, line := range []string{"preview_cards remove --days 3", "preview-cards remove --days 3"} {
		if given, err := read(t, line); err != nil || given.values["days"] != "3" {
			t.Errorf("%s: %+v %v", line, given, err)
		}
	}
}

func TestWhatTootctlDoesNotKnowIsRefused(t *testing.T) {
	for line, want := range map[string]string{
		"accounts create a --reattach":     "unknown option --reattach",
		"accounts create a -f":             "unknown option -f",
		"accounts create a --email":        "no value provided for option '--email'",
		"accounts create a --email --role": "no value provided for option '--email'",
		"accounts create a --confirmed=no": "--confirmed takes no value",
		"version --days 3":                 "unknown option --days",
	} {
		if _, err := read(t, line); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestAnUnknownCommandNamesTheKnownOnes(t *testing.T) {
	for _, line := range []string{"", "accounts", "accounts rotate", "self-destruct"} {
		_, _, err := find(strings.Fields(line))
		if err == nil || !strings.Contains(err.Error(), "accounts create") {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestAnAccountNeedsANameAndAnAddress(t *testing.T) {
	for line, want := range map[string]string{
		"accounts create alice":                      "--email",
		"accounts create --email a@b.test":           "USERNAME",
		"accounts create alice bob --email a@b.test": "USERNAME",
		"settings registrations maybe":               "open, approved or close",
	} {
		err := Tootctl{}.Run(context.Background(), strings.Fields(line))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestDaysAreANumberThatGoesBack(t *testing.T) {
	given, err := read(t, "media remove --days 2")
	if err != nil {
		t.Fatal(err)
	}
	before, err := given.before(mediaDays)
	if age := time.Since(before); err != nil || age < 48*time.Hour || age > 49*time.Hour {
		t.Error(age, err)
	}
	for _, line := range []string{"media remove --days many", "media remove --days -1", "media remove everything"} {
		given, err := read(t, line)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := given.before(mediaDays); err == nil {
			t.Errorf("%s passed", line)
		}
	}
}

func TestSizesAreForPeople(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 Bytes", 1023: "1023 Bytes", 1536: "1.5 KB", 5 << 20: "5 MB", 3 << 40: "3 TB",
	} {
		if got := size(bytes); got != want {
			t.Errorf("%d: %q", bytes, got)
		}
	}
}

func TestAssignmentsAmongTasksGoToTheEnvironment(t *testing.T) {
	t.Setenv("SKIP_POST_DEPLOYMENT_MIGRATIONS", "")
	names, err := Tasks([]string{"db:migrate", "SKIP_POST_DEPLOYMENT_MIGRATIONS=true", "db:version"})
	if err != nil || strings.Join(names, " ") != "db:migrate db:version" ||
		os.Getenv("SKIP_POST_DEPLOYMENT_MIGRATIONS") != "true" {
		t.Fatal(names, err)
	}
}

func TestOtherTasksAreRefused(t *testing.T) {
	for _, line := range []string{"console", "assets:precompile", "db:drop", "db:migrate VERSION=0", ""} {
		if names, err := Tasks(strings.Fields(line)); err == nil {
			t.Errorf("%q: %v", line, names)
		}
	}
}

func TestNewEncryptionKeysAreThreeSettings(t *testing.T) {
	var out bytes.Buffer
	PrintEncryptionKeys(&out)
	pattern := regexp.MustCompile(`(?m)^ACTIVE_RECORD_ENCRYPTION_[A-Z_]+=([0-9a-f]{32})$`)
	found := pattern.FindAllStringSubmatch(out.String(), -1)
	if len(found) != 3 || found[0][1] == found[1][1] {
		t.Fatal(out.String())
	}
}
