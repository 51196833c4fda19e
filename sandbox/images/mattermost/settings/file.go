package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"homeport/sandbox/mattermost/model"
)

// File is config.json: sections of settings. Environment variables win over it.
type File map[string]map[string]any

// OpenFile reads config.json, and writes one with the defaults first if there
// is none. As in Mattermost, values from the environment never get into it.
func OpenFile(path string) (File, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		file := defaults()
		return file, file.write(path)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read the configuration: %w", err)
	}
	var file File
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, fmt.Errorf("failed to parse the configuration %s: %w", path, err)
	}
	return file, nil
}

func defaults() File {
	return File{
		"ServiceSettings": {
			"SiteURL": "", "ListenAddress": defaultListenAddress,
			"EnableLocalMode": false, "LocalModeSocketLocation": DefaultSocket,
		},
		"SqlSettings": {
			"DriverName": "postgres", "DataSource": "", "MaxOpenConns": defaultConnections,
			// Made once and kept: losing the config volume shows as a new key.
			"AtRestEncryptKey": model.NewID() + model.NewID()[:6],
		},
		"FileSettings": {
			"DriverName": "local", "Directory": defaultDirectory, "MaxFileSize": defaultFileSize,
			"PublicLinkSalt": model.NewID() + model.NewID()[:6],
		},
		"MetricsSettings": {"Enable": false, "ListenAddress": defaultMetricsAddress},
	}
}

// write puts the file in place whole or not at all, so that two servers that
// start at once on one volume never read half of it.
func (f File) write(path string) error {
	content, err := json.MarshalIndent(f, "", "    ")
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".config-*.json")
	if err != nil {
		return fmt.Errorf("failed to write the configuration %s: %w", path, err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(append(content, '\n'))
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("failed to write the configuration %s: %w", path, err)
	}
	return os.Rename(temporary.Name(), path)
}

// lookup finds a setting by section and key, in any case.
func (f File) lookup(section, key string) (string, bool) {
	for name, values := range f {
		if !strings.EqualFold(name, section) {
			continue
		}
		for k, value := range values {
			if strings.EqualFold(k, key) {
				return text(value), true
			}
		}
	}
	return "", false
}

func text(value any) string {
	// JSON numbers arrive as float64, whose default form of 104857600 is 1.048576e+08.
	if number, ok := value.(float64); ok {
		return fmt.Sprintf("%.0f", number)
	}
	return fmt.Sprint(value)
}
