// Command resolver resolves one image with containerd's own registry code.
//
// It is told on standard input what a node says about registries: either
// config_path, a folder of hosts.toml files, or the older mirrors with logins.
// Every connection goes to a loopback address, where a test plays registries.
// Whether the image is found is of no interest: the test sees the requests.
package main

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"
)

const timeout = 20 * time.Second

type node struct {
	Image      string              `json:"image"`
	ConfigPath string              `json:"configPath"`
	Mirrors    map[string][]string `json:"mirrors"`
	Logins     map[string]login    `json:"logins"`
	// Elsewhere and OnNode are where the hosts are played: all of them, and
	// those whose name is that of the node itself.
	Elsewhere string `json:"elsewhere"`
	OnNode    string `json:"onNode"`
}

// login is one `registry.configs.<host>.auth` table.
type login struct {
	Username      string `json:"username"`
	Password      string `json:"password"`
	Auth          string `json:"auth"`
	IdentityToken string `json:"identitytoken"`
}

// update sends the connections of a client to where registries are played.
func (n *node) update(client *http.Client) error {
	transport, ok := client.Transport.(*http.Transport)
	if !ok {
		return fmt.Errorf("the client's transport is a %T", client.Transport)
	}
	transport.Proxy = nil
	transport.DialContext = func(ctx context.Context, _, address string) (net.Conn, error) {
		target := n.Elsewhere
		if docker.IsLocalhost(address) {
			target = n.OnNode
		}
		return (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", target)
	}
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{}
	}
	transport.TLSClientConfig.InsecureSkipVerify = true
	return nil
}

// credentials are those for a host, as ParseAuth in CRI's image_pull.go reads
// them: a user name wins over an identity token, that over `auth`.
func (n *node) credentials(host string) (string, string, error) {
	login := n.Logins[host]
	switch {
	case login.Username != "":
		return login.Username, login.Password, nil
	case login.IdentityToken != "":
		return "", login.IdentityToken, nil
	case login.Auth != "":
		decoded, err := base64.StdEncoding.DecodeString(login.Auth)
		if err != nil {
			return "", "", err
		}
		user, password, ok := strings.Cut(string(decoded), ":")
		if !ok {
			return "", "", fmt.Errorf("the auth of %s is no pair", host)
		}
		return user, password, nil
	}
	return "", "", nil
}

func defaultScheme(host string) string {
	if docker.IsLocalhost(host) {
		return "http"
	}
	return "https"
}

// endpoints are the URLs asked for a registry, in order, as registryEndpoints
// in CRI's image_pull.go lists them: the mirrors of the registry, else those of
// "*", then the registry itself unless it is among them.
func (n *node) endpoints(registry string) ([]*url.URL, error) {
	mirrors, ok := n.Mirrors[registry]
	if !ok {
		mirrors = n.Mirrors["*"]
	}
	var found []*url.URL
	listed := false
	for _, mirror := range mirrors {
		if !strings.Contains(mirror, "://") {
			bare, err := url.Parse("dummy://" + mirror)
			if err != nil {
				return nil, err
			}
			mirror = defaultScheme(bare.Host) + "://" + mirror
		}
		endpoint, err := url.Parse(mirror)
		if err != nil {
			return nil, err
		}
		listed = listed || endpoint.Host == registry
		found = append(found, endpoint)
	}
	if listed {
		return found, nil
	}
	host, err := docker.DefaultHost(registry)
	return append(found, &url.URL{Scheme: defaultScheme(host), Host: host}), err
}

// mirrored are the hosts of a registry where config_path is not set, as
// registryHosts in CRI's image_pull.go makes them.
func (n *node) mirrored(registry string) ([]docker.RegistryHost, error) {
	endpoints, err := n.endpoints(registry)
	if err != nil {
		return nil, err
	}
	var hosts []docker.RegistryHost
	for _, endpoint := range endpoints {
		client := &http.Client{Transport: &http.Transport{}}
		if err := n.update(client); err != nil {
			return nil, err
		}
		path := endpoint.Path
		if path == "" {
			path = "/v2"
		}
		hosts = append(hosts, docker.RegistryHost{
			Client: client,
			Authorizer: docker.NewDockerAuthorizer(
				docker.WithAuthClient(client), docker.WithAuthCreds(n.credentials)),
			Host:         endpoint.Host,
			Scheme:       endpoint.Scheme,
			Path:         path,
			Capabilities: docker.HostCapabilityResolve | docker.HostCapabilityPull,
		})
	}
	return hosts, nil
}

// numbered marks each request with the place of its host, since a host may
// stand there twice.
func numbered(hosts docker.RegistryHosts) docker.RegistryHosts {
	return func(registry string) ([]docker.RegistryHost, error) {
		found, err := hosts(registry)
		for place := range found {
			header := found[place].Header.Clone()
			if header == nil {
				header = http.Header{}
			}
			header.Set("Place", strconv.Itoa(place))
			found[place].Header = header
		}
		return found, err
	}
}

func run() error {
	var n node
	if err := json.NewDecoder(os.Stdin).Decode(&n); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	hosts := docker.RegistryHosts(n.mirrored)
	if n.ConfigPath != "" {
		hosts = config.ConfigureHosts(ctx, config.HostOptions{
			HostDir:      config.HostDirFromRoot(n.ConfigPath),
			UpdateClient: n.update,
		})
	}
	resolver := docker.NewResolver(docker.ResolverOptions{Hosts: numbered(hosts)})
	if _, _, err := resolver.Resolve(ctx, n.Image); err != nil {
		fmt.Println(err)
	}
	return ctx.Err()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "resolver:", err)
		os.Exit(1)
	}
}
