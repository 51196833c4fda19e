package release

import "testing"

func TestATagWithAndWithoutVIsTheSameVersion(t *testing.T) {
	for _, text := range []string{"v4.7.4", "4.7.4"} {
		read, err := Parse(text)
		if err != nil || read != (Release{4, 7, 4}) || read.String() != "4.7.4" {
			t.Errorf("%s: %v %v", text, read, err)
		}
	}
}

func TestWhatIsNoVersionIsRefused(t *testing.T) {
	for _, text := range []string{"", "latest", "v4.7", "v4.7.x", "v4.7.-1", "v4.7.4.1"} {
		if read, err := Parse(text); err == nil {
			t.Errorf("%q became %v", text, read)
		}
	}
}

func TestOnlyReleasesBefore44NeedTheOTPSecret(t *testing.T) {
	if !(Release{4, 3, 0}).NeedsOTPSecret() || (Release{4, 6, 0}).NeedsOTPSecret() {
		t.Fatal("4.3 must need it, 4.6 must not")
	}
}

func TestServersGetOlderWithTheRelease(t *testing.T) {
	if got := (Release{4, 3, 0}); got.MinimumPostgres() != 120000 || got.MinimumRedis() != [2]int{6, 2} {
		t.Error(got.MinimumPostgres(), got.MinimumRedis())
	}
	if got := (Release{4, 7, 4}); got.MinimumPostgres() != 140000 || got.MinimumRedis() != [2]int{7, 0} {
		t.Error(got.MinimumPostgres(), got.MinimumRedis())
	}
}
