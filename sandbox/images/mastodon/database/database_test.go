package database

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"homeport/sandbox/mastodon/release"
)

func versions(known []Migration) []string {
	var found []string
	for _, m := range known {
		found = append(found, m.Version)
	}
	return found
}

func TestMigrationsAreInTheOrderOfTheirVersions(t *testing.T) {
	known := versions(Known(release.Release{Major: 4, Minor: 7, Patch: 4}, false))
	if !slices.IsSorted(known) || len(known) != len(migrations) || len(slices.Compact(known)) != len(migrations) {
		t.Fatal(known)
	}
}

func TestAReleaseDoesNotKnowTheMigrationsOfLaterOnes(t *testing.T) {
	old := versions(Known(release.Release{Major: 4, Minor: 3}, false))
	if strings.Join(old, " ") != "20240918233930 20240920090000" {
		t.Fatal(old)
	}
}

func TestAPatchBringsNoMigrations(t *testing.T) {
	before, after := release.Release{Major: 4, Minor: 7, Patch: 3}, release.Release{Major: 4, Minor: 7, Patch: 4}
	if !slices.Equal(versions(Known(before, false)), versions(Known(after, false))) {
		t.Fatal(versions(Known(after, false)))
	}
}

func TestTheFirstPhaseTakesNothingAway(t *testing.T) {
	version := release.Release{Major: 4, Minor: 7, Patch: 4}
	first := Known(version, true)
	if len(first) != 3 || len(Known(version, false)) != 6 {
		t.Fatal(versions(first))
	}
	for _, m := range first {
		if m.Post || strings.Contains(m.sql, "DROP") {
			t.Errorf("%s takes away what older releases use", m.Name)
		}
	}
}

func TestEveryReleaseWithItsOwnColumnsHasBothPhases(t *testing.T) {
	for _, since := range [][2]int{{4, 3}, {4, 6}, {4, 7}} {
		phases := map[bool]int{}
		for _, m := range migrations {
			if m.since == since {
				phases[m.Post]++
			}
		}
		if phases[false] != 1 || phases[true] != 1 {
			t.Errorf("%v: %v", since, phases)
		}
	}
}

func TestAnyValueOfTheVariableSkipsThePostDeploymentMigrations(t *testing.T) {
	if SkipPost() {
		t.Fatal("skipped without the variable")
	}
	t.Setenv("SKIP_POST_DEPLOYMENT_MIGRATIONS", "false")
	if !SkipPost() {
		t.Fatal("not skipped")
	}
}

func TestAPostgreSQLThatIsTooOldIsRefused(t *testing.T) {
	if err := supported(130014, 140000); !errors.Is(err, ErrTooOld) || !strings.Contains(err.Error(), "13.14") {
		t.Fatal(err)
	}
	if err := supported(140000, 140000); err != nil {
		t.Fatal(err)
	}
}
