package companion

import (
	"fmt"
	"testing"

	"homeport/sandbox/edge/dockerapi"
)

const directory = "https://acme.test/dir"

func asking(environment map[string]string) dockerapi.Container {
	return dockerapi.Container{Environment: environment}
}

func names(containers ...dockerapi.Container) string {
	var found [][]string
	for _, request := range Requests(containers, directory, "") {
		found = append(found, request.Names)
	}
	return fmt.Sprint(found)
}

func TestSeveralNamesAreOneCertificate(t *testing.T) {
	have := names(asking(map[string]string{"ACME_HOST": "a.test, b.test.,"}))
	if have != "[[a.test b.test]]" {
		t.Fatal(have)
	}
}

func TestSeveralNamesMayHaveACertificateEach(t *testing.T) {
	have := names(asking(map[string]string{"ACME_HOST": "a.test,b.test", "ACME_SINGLE_DOMAIN_CERTS": "true"}))
	if have != "[[a.test] [b.test]]" {
		t.Fatal(have)
	}
}

func TestContainersThatAskForTheSameGetOneCertificate(t *testing.T) {
	same := map[string]string{"ACME_HOST": "a.test,b.test"}
	if have := names(asking(same), asking(same)); have != "[[a.test b.test]]" {
		t.Fatal(have)
	}
}

func TestContainersWithoutNamesAskForNothing(t *testing.T) {
	if have := names(asking(nil), asking(map[string]string{"ACME_HOST": " , "})); have != "[]" {
		t.Fatal(have)
	}
}

func TestAContainersAddressAndAuthorityComeBeforeTheDefaults(t *testing.T) {
	own := map[string]string{"ACME_HOST": "a.test", "ACME_EMAIL": "a@a.test", "ACME_CA_URI": "https://own.test/dir"}
	for _, test := range []struct {
		environment      map[string]string
		email, directory string
	}{
		{own, "a@a.test", "https://own.test/dir"},
		{map[string]string{"LETSENCRYPT_HOST": "a.test"}, "default@a.test", directory},
	} {
		have := Requests([]dockerapi.Container{asking(test.environment)}, directory, "default@a.test")[0]
		if have.Email != test.email || have.Directory != test.directory {
			t.Errorf("%+v", have)
		}
	}
}
