package database

import (
	"strings"
	"testing"

	"homeport/sandbox/mattermost/model"
)

func TestPostgreSQLBefore14IsRefused(t *testing.T) {
	if err := supported(130014); err == nil || !strings.Contains(err.Error(), "13.14") {
		t.Fatal(err)
	}
	if err := supported(140000); err != nil {
		t.Fatal(err)
	}
}

func TestAPageNamesItsNeighbours(t *testing.T) {
	posts := []*model.Post{{ID: "newer"}, {ID: "a"}, {ID: "b"}, {ID: "older"}}
	list := listed(posts, 1, 2)
	if strings.Join(list.Order, " ") != "a b" || len(list.Posts) != 2 ||
		list.NextPostID != "newer" || list.PrevPostID != "older" {
		t.Fatalf("%+v", list)
	}
}

func TestAnEmptyChannelHasAnEmptyOrder(t *testing.T) {
	if list := listed(nil, 0, 60); list.Order == nil || list.Posts == nil || len(list.Order) != 0 {
		t.Fatalf("%+v", list)
	}
}
