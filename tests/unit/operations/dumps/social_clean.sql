--
-- PostgreSQL database dump
--

\restrict m3RE9U3RO5Qp7XQ5LdYyTjUdEKBQfAXYNlpvoCCyHknqZD4RkSshqSVMq3csYKP

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

ALTER TABLE ONLY public.users DROP CONSTRAINT users_account_id_fkey;
ALTER TABLE ONLY public.statuses DROP CONSTRAINT statuses_account_id_fkey;
CREATE OR REPLACE VIEW public.account_posts AS
SELECT
    NULL::bigint AS id,
    NULL::character varying AS username,
    NULL::bigint AS posts;
DROP INDEX public.index_accounts_on_username;
ALTER TABLE ONLY public.users DROP CONSTRAINT users_pkey;
ALTER TABLE ONLY public.statuses DROP CONSTRAINT statuses_pkey;
ALTER TABLE ONLY public.schema_migrations DROP CONSTRAINT schema_migrations_pkey;
ALTER TABLE ONLY public.accounts DROP CONSTRAINT accounts_pkey;
ALTER TABLE public.users ALTER COLUMN id DROP DEFAULT;
ALTER TABLE public.accounts ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE public.users_id_seq;
DROP TABLE public.users;
DROP TABLE public.statuses;
DROP TABLE public.schema_migrations;
DROP TABLE public.logs_1;
DROP TABLE public.logs;
DROP SEQUENCE public.accounts_id_seq;
DROP TABLE public.accounts;
DROP VIEW public.account_posts;
DROP EXTENSION pg_trgm;
--
-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;


--
-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';


--
-- Name: account_posts; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.account_posts AS
SELECT
    NULL::bigint AS id,
    NULL::character varying AS username,
    NULL::bigint AS posts;


ALTER TABLE public.account_posts OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: accounts; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.accounts (
    id bigint NOT NULL,
    username character varying NOT NULL
);


ALTER TABLE public.accounts OWNER TO postgres;

--
-- Name: accounts_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.accounts_id_seq OWNER TO postgres;

--
-- Name: accounts_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.accounts_id_seq OWNED BY public.accounts.id;


--
-- Name: logs; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.logs (
    at integer
)
PARTITION BY RANGE (at);


ALTER TABLE public.logs OWNER TO postgres;

--
-- Name: logs_1; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.logs_1 (
    at integer
);


ALTER TABLE public.logs_1 OWNER TO postgres;

--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);


ALTER TABLE public.schema_migrations OWNER TO postgres;

--
-- Name: statuses; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.statuses (
    id bigint NOT NULL,
    text text NOT NULL,
    account_id bigint
);


ALTER TABLE public.statuses OWNER TO postgres;

--
-- Name: users; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.users (
    id bigint NOT NULL,
    email character varying NOT NULL,
    account_id bigint,
    otp_secret character varying
);


ALTER TABLE public.users OWNER TO postgres;

--
-- Name: users_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.users_id_seq OWNER TO postgres;

--
-- Name: users_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;


--
-- Name: logs_1; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.logs ATTACH PARTITION public.logs_1 FOR VALUES FROM (0) TO (10);


--
-- Name: accounts id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.accounts ALTER COLUMN id SET DEFAULT nextval('public.accounts_id_seq'::regclass);


--
-- Name: users id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.accounts (id, username) FROM stdin;
1	ada
\.


--
-- Data for Name: logs_1; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.logs_1 (at) FROM stdin;
\.


--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.schema_migrations (version) FROM stdin;
20240307180905
20250520192024
\.


--
-- Data for Name: statuses; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.statuses (id, text, account_id) FROM stdin;
1	status 1\tgrüße; it's	1
2	status 2\tgrüße; it's	1
3	status 3\tgrüße; it's	1
4	status 4\tgrüße; it's	1
5	status 5\tgrüße; it's	1
6	status 6\tgrüße; it's	1
7	status 7\tgrüße; it's	1
8	status 8\tgrüße; it's	1
9	status 9\tgrüße; it's	1
10	status 10\tgrüße; it's	1
11	status 11\tgrüße; it's	1
12	status 12\tgrüße; it's	1
13	status 13\tgrüße; it's	1
14	status 14\tgrüße; it's	1
15	status 15\tgrüße; it's	1
16	status 16\tgrüße; it's	1
17	status 17\tgrüße; it's	1
18	status 18\tgrüße; it's	1
19	status 19\tgrüße; it's	1
20	status 20\tgrüße; it's	1
21	status 21\tgrüße; it's	1
22	status 22\tgrüße; it's	1
23	status 23\tgrüße; it's	1
24	status 24\tgrüße; it's	1
25	status 25\tgrüße; it's	1
26	status 26\tgrüße; it's	1
27	status 27\tgrüße; it's	1
28	status 28\tgrüße; it's	1
29	status 29\tgrüße; it's	1
30	status 30\tgrüße; it's	1
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.users (id, email, account_id, otp_secret) FROM stdin;
1	ada@example.com	1	\N
\.


--
-- Name: accounts_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.accounts_id_seq', 1, true);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.users_id_seq', 1, true);


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);


--
-- Name: statuses statuses_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.statuses
    ADD CONSTRAINT statuses_pkey PRIMARY KEY (id);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: index_accounts_on_username; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX index_accounts_on_username ON public.accounts USING gin (username public.gin_trgm_ops);


--
-- Name: account_posts _RETURN; Type: RULE; Schema: public; Owner: postgres
--

CREATE OR REPLACE VIEW public.account_posts AS
 SELECT a.id,
    a.username,
    count(*) AS posts
   FROM (public.accounts a
     JOIN public.statuses s ON ((s.account_id = a.id)))
  GROUP BY a.id;


--
-- Name: statuses statuses_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.statuses
    ADD CONSTRAINT statuses_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- Name: users users_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- PostgreSQL database dump complete
--

\unrestrict m3RE9U3RO5Qp7XQ5LdYyTjUdEKBQfAXYNlpvoCCyHknqZD4RkSshqSVMq3csYKP

