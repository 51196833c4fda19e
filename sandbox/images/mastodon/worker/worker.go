// Package worker is what sidekiq does: it takes jobs out of Redis and does them.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/mail"
	"homeport/sandbox/mastodon/model"
	"homeport/sandbox/mastodon/queue"
)

const (
	popPatience  = 2 * time.Second
	errorPause   = time.Second
	retryPause   = 5 * time.Second
	stopPatience = 8 * time.Second
	sayPatience  = 2 * time.Second
)

// The classes of jobs, as they are named in Redis.
const (
	DistributionClass = "DistributionWorker"
	ConfirmationClass = "ConfirmationMailWorker"
)

// Worker does jobs with several hands at once.
type Worker struct {
	DB          *database.Database
	Redis       *queue.Redis
	Site        model.Site
	Mail        mail.Sender
	Queues      []string
	Concurrency int
	Process     *queue.Process
	Log         *slog.Logger

	busy atomic.Int64
}

// Busy is how many jobs it works on.
func (w *Worker) Busy() int { return int(w.busy.Load()) }

// Run works until ctx ends. Jobs that do not finish soon after are given back.
func (w *Worker) Run(ctx context.Context) error {
	if err := w.Process.Beat(ctx, 0, false); err != nil {
		return err
	}
	// What runs when the end comes may finish; beats tell of it meanwhile.
	lasting, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var hands, helpers sync.WaitGroup
	for range w.Concurrency {
		hands.Add(1)
		go func() {
			defer hands.Done()
			w.hand(ctx, lasting)
		}()
	}
	helpers.Add(2)
	go func() {
		defer helpers.Done()
		w.repeat(lasting, queue.Beat, func() error {
			if err := w.Process.Beat(lasting, int(w.busy.Load()), ctx.Err() != nil); err != nil {
				return err
			}
			return w.Process.Sweep(lasting)
		})
	}()
	go func() {
		defer helpers.Done()
		w.repeat(ctx, retryPause, func() error { return w.Redis.PushDue(ctx) })
	}()
	<-ctx.Done()
	w.Log.Info("Shutting down")
	late := time.AfterFunc(stopPatience, end)
	hands.Wait()
	late.Stop()
	end()
	helpers.Wait()
	leaving, cancel := context.WithTimeout(context.Background(), sayPatience)
	defer cancel()
	if err := w.Process.Leave(leaving); err != nil {
		w.Log.Warn("The process stays in Redis until it is forgotten there", "error", err.Error())
	}
	w.Log.Info("Bye!")
	return nil
}

func (w *Worker) repeat(ctx context.Context, pause time.Duration, do func() error) {
	for sleep(ctx, pause) {
		if err := do(); err != nil && ctx.Err() == nil {
			w.Log.Error("Redis does not answer", "error", err.Error())
		}
	}
}

// hand does one job after the other.
func (w *Worker) hand(ctx, lasting context.Context) {
	for ctx.Err() == nil {
		// Not ctx: a job that Redis has already handed over must not be lost.
		job, err := w.Redis.Pop(lasting, w.Queues, popPatience)
		if err != nil {
			w.Log.Error("No job can be taken", "error", err.Error())
			sleep(ctx, errorPause)
			continue
		}
		if job != nil {
			w.busy.Add(1)
			w.do(lasting, *job)
			w.busy.Add(-1)
		}
	}
}

func (w *Worker) do(ctx context.Context, job queue.Job) {
	log := w.Log.With("class", job.Class, "jid", job.ID)
	began := time.Now()
	err := w.perform(ctx, job)
	said, cancel := context.WithTimeout(context.WithoutCancel(ctx), sayPatience)
	defer cancel()
	switch {
	case err == nil:
		log.Info("done", "elapsed", time.Since(began).Seconds())
		w.Redis.Count(said, false)
		return
	case ctx.Err() != nil:
		log.Warn("given back, since the process ends")
		err = w.Redis.GiveBack(said, job)
	default:
		log.Error("fail", "elapsed", time.Since(began).Seconds(), "error", err.Error(), "failures", job.Failures+1)
		w.Redis.Count(said, true)
		err = w.Redis.Retry(said, job, err.Error())
	}
	if err != nil {
		log.Error("The job is lost: Redis did not take it back", "error", err.Error())
	}
}

func (w *Worker) perform(ctx context.Context, job queue.Job) error {
	if len(job.Arguments) != 1 {
		return fmt.Errorf("%s has %d arguments", job.Class, len(job.Arguments))
	}
	id, err := strconv.ParseInt(job.Arguments[0], 10, 64)
	if err != nil {
		return fmt.Errorf("%s: %q is no identifier", job.Class, job.Arguments[0])
	}
	switch job.Class {
	case DistributionClass:
		err = w.distribute(ctx, id)
	case ConfirmationClass:
		err = w.confirm(ctx, id)
	default:
		err = fmt.Errorf("this stand-in knows no job %s", job.Class)
	}
	if errors.Is(err, database.ErrMissing) {
		w.Log.Warn("The record of a job is gone", "class", job.Class, "id", id)
		return nil
	}
	return err
}

// distribute puts a post into its author's home timeline and tells the streams.
func (w *Worker) distribute(ctx context.Context, id int64) error {
	status, err := w.DB.Status(ctx, id)
	if err != nil {
		return err
	}
	if err := w.Redis.AddToFeed(ctx, status.Account.ID, status.ID); err != nil {
		return err
	}
	channels := []string{fmt.Sprintf("timeline:%d", status.Account.ID)}
	if status.Visibility == model.Visibilities[0] {
		channels = append(channels, "timeline:public", "timeline:public:local")
	}
	return w.Redis.Publish(ctx, "update", w.Site.Status(*status), channels...)
}

func (w *Worker) confirm(ctx context.Context, id int64) error {
	user, err := w.DB.User(ctx, id)
	if err != nil || user.Confirmed {
		return err
	}
	subject, text := mail.Confirmation(w.Site.WebDomain, user.Account.Username, user.ConfirmationToken)
	return w.Mail.Send(ctx, mail.Message{
		From: w.Mail.Settings.From, ReplyTo: w.Mail.Settings.ReplyTo, To: user.Email, Subject: subject, Text: text,
		ID: model.NewToken(16) + "@" + w.Site.LocalDomain, Date: time.Now(),
	})
}

// sleep tells whether the time passed before ctx ended.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
