package boot_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"throughline.dev/pkg/boot"
)

// holdVar makes the test binary a process that locks the directory it names,
// says so, and waits to be killed.
const holdVar = "THROUGHLINE_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdVar); dir != "" {
		hold(dir)
		return
	}
	os.Exit(m.Run())
}

func hold(dir string) {
	if _, err := boot.LockDir(dir); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("locked")
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // until killed
}

func TestLockDirIsForOneProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), holdVar+"="+dir)
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "locked\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	_, err = boot.LockDir(dir)
	if want := fmt.Sprintf("%s is in use by process %d", dir, child.Process.Pid); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // "signal: killed"
	unlock, err := boot.LockDir(dir)
	if err != nil {
		t.Fatalf("after kill -9 of its holder: %v", err)
	}
	if _, err := boot.LockDir(dir); err == nil || !strings.HasSuffix(err.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Errorf("a second lock in this process: %v", err)
	}
	unlock()
	if unlock, err = boot.LockDir(dir); err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	unlock()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory's mode is %v, %v", info.Mode(), err)
	}
}

func TestLockDirNeedsADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file, filepath.Join(file, "below")} {
		if _, err := boot.LockDir(dir); err == nil {
			t.Errorf("%q was locked", dir)
		}
	}
}
